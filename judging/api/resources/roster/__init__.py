"""Operations of the API about rosters: judges, teams, proposals and their files."""
