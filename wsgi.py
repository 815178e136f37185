"""What a WSGI server serves: ``gunicorn wsgi:app``."""

import config
from judging.app import create_app

app = create_app(config.from_environ())
