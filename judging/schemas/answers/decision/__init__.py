"""The answers of the API about what a panel decides."""
