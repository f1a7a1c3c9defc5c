"""Where personas come from: our own texts, ALOE's released files, or a folder that holds such files."""

from pathlib import Path

from equipoise.tasks.aloe.personas import Persona, evaluation_cases
from equipoise.tasks.aloe.pools import Pool, own_pool
from equipoise.tasks.aloe.released import downloaded, released_cases, released_pool


def load_cases(source: str = "own", personalities: str = "five") -> list[Persona]:
    """Evaluation cases, profile by profile.

    Args:
        source: `own` (shipped), `released` (downloaded once, checked) or a folder with files like the released ones.
        personalities: `five` or `all`.

    Raises:
        InputError: Another value of `personalities`, or a file that cannot be had or read.
    """
    if source == "own":
        return evaluation_cases(personalities)
    return released_cases(downloaded() if source == "released" else Path(source), personalities)


def load_pool(source: str = "own") -> Pool:
    """Profiles and personalities for training data; sources as in `load_cases`.

    Raises:
        InputError: A file that cannot be had or read.
    """
    if source == "own":
        return own_pool("pool")
    return released_pool(downloaded() if source == "released" else Path(source))
