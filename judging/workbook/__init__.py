"""Export of Excel and CSV: text that people typed never becomes a formula.

``results`` is the workbook of a round, ``roster`` the one in which organisers send judges, teams and proposals.
``sheet`` writes one sheet, ``cells`` makes any text safe for a cell.
"""
