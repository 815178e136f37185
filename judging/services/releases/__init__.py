"""Results that chairs have signed, and which release is in force."""
