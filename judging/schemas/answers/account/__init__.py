"""Bodies and answers of the API about accounts: tokens, confirmations, members of a competition."""
