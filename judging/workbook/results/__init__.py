"""The results workbook: its content as one value, and one module for each of its sheets."""
