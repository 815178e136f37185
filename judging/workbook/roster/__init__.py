"""The roster workbook for download: its columns, choices and instructions."""
