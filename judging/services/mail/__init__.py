"""E-mail: what is to be sent, in which state each message is, and what the messages say."""
