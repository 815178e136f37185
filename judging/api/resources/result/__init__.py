"""Operations of the API about results: runs, scores, files, releases."""
