"""Writes the pages: one template each, all of them compiled once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from equipoise.harness.report.html import environment
from equipoise.leaderboard.site import numbers
from equipoise.leaderboard.site.inert import shown, soft, visible, web_link
from equipoise.leaderboard.site.texts import fill, site_texts
from equipoise.leaderboard.site.view import View


@dataclass
class Writer:
    """Writes pages into a site that is being built.

    Attributes:
        stage: Its root.
        shared: What every template is given.
        on_page: Told the place of every page.
    """

    stage: Path
    shared: dict[str, Any]
    on_page: Callable[[str], None] | None = None
    count: int = 0

    def __post_init__(self) -> None:
        self._environment = environment("equipoise.leaderboard.site")
        self._environment.lstrip_blocks = True
        self._environment.finalize = shown
        self._environment.filters |= {
            "fill": fill, "number": numbers.number, "ranks": numbers.rank_set, "link": web_link, "pretty": pretty,
            "soft": soft, "plain": numbers.plain, "moment": moment,
        }  # fmt: skip
        self._environment.globals |= {
            "t": site_texts(), "interval": numbers.interval, "place": numbers.place, "known": numbers.known,
        }  # fmt: skip
        self._templates: dict[str, Template] = {}

    def write(self, view: View | None, place: str, template: str, **values: object) -> None:
        """Write one page.

        Args:
            view: The edition it belongs to; None = the whole board.
            place: Its path below the edition's folder.
            template: Name of the template, without its ending.
            values: What the template shows.
        """
        if template not in self._templates:
            self._templates[template] = self._environment.get_template(f"templates/{template}.html.j2")
        depth = place.count("/")
        home = "../" * depth
        folder = view.folder if view else ""
        root = home + "../" * folder.count("/")
        edition = {"view": view or self.shared["current"], "old": bool(folder), "page": template}
        html = self._templates[template].render(self.shared | edition | values, home=home, root=root)
        path = self.stage / folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8", errors="replace")
        self.count += 1
        if self.on_page:
            self.on_page(folder + place)


def pretty(text: str) -> Markup | str:
    """JSON text, indented; as it is where it is no JSON."""
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return visible(text)


def moment(text: str) -> str:
    """A time to the minute; as it is where it is no time."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text
