"""The gunicorn worker: complete requests only, fair turns, health answers under load."""
