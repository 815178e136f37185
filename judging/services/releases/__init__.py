"""Results that chairs have signed, and which of them are in force."""
