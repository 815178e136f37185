"""Bodies and answers of the API about results: runs, scores, files, releases."""
