"""A round's results as one archive, to be verified without the server."""
