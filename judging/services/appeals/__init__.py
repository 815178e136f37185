"""Appeals of teams after a release: enter one, see what could change, let a judge score again, settle it."""
