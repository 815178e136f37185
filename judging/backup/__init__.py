"""Copies of a whole database: an SQLite file, a checked copy of either engine, a database of the other engine."""

from judging.backup.sqlite_files import back_up, database_file, files_beside, restore

__all__ = ["back_up", "database_file", "files_beside", "restore"]
