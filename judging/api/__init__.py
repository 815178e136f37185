"""JSON: one module per resource, documented from the schemas that validate."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Join the API to the application."""
