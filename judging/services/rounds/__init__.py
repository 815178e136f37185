"""Opening and closing rounds, their progress, and advancing to the next round."""
