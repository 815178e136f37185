"""Programs and connections of the tests: PostgreSQL, gunicorn, Chromium, LibreOffice, mail, single sign-on."""
