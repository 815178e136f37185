"""One event moved from an installation to another: written into a file there, stored from it here."""
