"""The implementation of ``run.py``. Only ``catalogues`` and ``notices`` use packages outside the standard library."""
