"""The .xlsx file format: reading a file into a Book and writing a Book into a file."""
