"""Rubrics, panels of judges and severity-free capability."""
