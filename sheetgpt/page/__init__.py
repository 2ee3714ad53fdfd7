"""The workbook as a web page: the content and the looks of a file, and the program that shows them.

`web/src/` holds the program, plain JavaScript; `web/built/` what `bundle` makes of it.
"""
