"""Bodies and answers of the API about the event: competitions, rounds, messages, log, jobs."""
