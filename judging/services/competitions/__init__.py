"""Competitions and rounds as stored: their definitions, their roster, and numbers within a round."""
