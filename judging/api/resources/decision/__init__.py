"""Operations of the API about what a panel decides: shortlists, awards, meetings."""
