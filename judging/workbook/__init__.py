"""Import and export of Excel and CSV: uploads are checked, and text that people typed never becomes a formula.

``reading`` converts an uploaded file to plain tables of text; ``template`` writes the roster workbook for download;
``book`` is the content of a results workbook, ``results`` writes it. ``cells`` makes any text safe for a cell.
"""
