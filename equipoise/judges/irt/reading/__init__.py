"""Ratings from files of any size."""
