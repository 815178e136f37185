"""The rules of a round: sealed versions, changes, and the effects of a change."""
