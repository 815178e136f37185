"""How well judges, criteria and the model agree."""
