"""Applications made once a process and connected to the database of each test: making one takes as long as a test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from config import Config
from judging import logs
from judging.app import connect, create_app


class Applications:
    """Applications by their settings, each as it was made, whatever a test has changed in it."""

    def __init__(self) -> None:
        self._made: dict[Config, tuple[Flask, dict[str, Any], dict[str, Any], dict[Any, list[Any]]]] = {}

    def connected(self, config: Config) -> Flask:
        """Return an application with these settings, connected to their database."""
        key = replace(config, database_url="", data_dir=Path())
        if key not in self._made:
            app = create_app(config)
            before = {name: list(functions) for name, functions in app.before_request_funcs.items()}
            self._made[key] = app, dict(app.config), dict(app.extensions), before
            return app
        app, settings, extensions, before = self._made[key]
        for now, then in ((app.config, settings), (app.extensions, extensions)):
            now.clear()
            now.update(then)
        app.before_request_funcs.clear()
        app.before_request_funcs.update({name: list(functions) for name, functions in before.items()})
        # The log of an earlier test was written to what that test captured.
        logs.configure(config.log_level)
        connect(app, config)
        return app
