"""The version of sheetgpt, in one place."""

VERSION = "0.1.0"
