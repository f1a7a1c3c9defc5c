"""The texts of the site: `texts.yaml`, read once."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache
def site_texts() -> dict[str, Any]:
    """All texts, by place."""
    source = (files("equipoise.leaderboard.site") / "texts.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(source)
    return loaded


def fill(text: str, **values: object) -> str:
    """A text with its {names} filled in. The text is ours; the values may be anybody's, and are not looked into."""
    return text.format_map(values)
