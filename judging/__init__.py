"""Judging and scoring of competitions whose judges sit in several cities."""
