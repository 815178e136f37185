"""Sending e-mail: render a message, hand it to the mail server, and store what became of it."""
