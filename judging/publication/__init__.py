"""What leaves the service after a release: letters to teams, the public page of results, and the proofs of letters."""
