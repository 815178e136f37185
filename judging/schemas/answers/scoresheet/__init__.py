"""Bodies and answers of the API about scoresheets and what a judge does before scoring."""
