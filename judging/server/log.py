"""gunicorn's own lines, as JSON."""

from typing import Any

from gunicorn.glogging import Logger

from judging.logs import json_formatter


class JsonLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's logger with our formatter."""

    def setup(self, cfg: Any) -> None:
        """Prepare the handlers as gunicorn does, then change how a line is written."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(json_formatter())
