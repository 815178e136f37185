"""Tests mirror ``judging/``; what they stand on is in ``support/`` and ``conftest.py``."""
