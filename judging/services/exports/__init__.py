"""Export of results: the workbook of a round."""
