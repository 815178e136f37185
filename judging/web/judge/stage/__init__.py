"""The pitch on the stage, on the pages of a judge."""
