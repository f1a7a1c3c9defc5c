"""Rubrics, panels of judges and severity-free capability."""

from equipoise.judges.judge import FENCE, ROLE, Vote, ask_judge, fence, prompt_hash, read_choice

__all__ = ["FENCE", "ROLE", "Vote", "ask_judge", "fence", "prompt_hash", "read_choice"]
