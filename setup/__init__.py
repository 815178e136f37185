"""What ``run.py`` does before anything of the project can be imported: standard library only, save ``catalogues``."""
