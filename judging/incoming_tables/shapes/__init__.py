"""The table on a sheet: its headings, what each column is, and which sheets are read."""
