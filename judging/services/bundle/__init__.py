"""The results of a round as one archive that anybody can verify."""
