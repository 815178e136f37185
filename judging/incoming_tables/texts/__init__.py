"""What the texts of cells mean: spellings of a name, numbers, headings and their synonyms."""
