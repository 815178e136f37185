"""What judges save, and which version counts."""
