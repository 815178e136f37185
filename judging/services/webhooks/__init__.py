"""Webhooks: other programs are told that a round was closed or that results were released."""
