"""Submission, intake and the static board."""
