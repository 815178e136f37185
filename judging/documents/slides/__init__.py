"""Slides of a deck as PDF, for the demo."""
