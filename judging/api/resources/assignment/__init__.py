"""Operations of the API about assignments: who scores what."""
