"""Results out: the workbook of a round."""
