"""The task families, one folder each."""

from equipoise.tasks.persuasion import persuasion

__all__ = ["persuasion"]
