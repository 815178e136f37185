"""The removal of personal data after an event: names become pseudonyms, scores and results stay facts."""
