"""Stored scoresheets: saving, queues, and the version that counts."""
