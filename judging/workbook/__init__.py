"""Excel and CSV, both ways: what people type comes in through guards, and what they typed never becomes a formula.

``reading`` turns an uploaded file into plain tables of text; ``template`` is the roster workbook the service hands out;
``book`` is what a results workbook says, ``results`` writes it. ``cells`` makes any text safe to put in a cell.
"""
