"""From a rubric and untrusted texts to the prompt of a judge."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from equipoise.harness.texts import texts_of
from equipoise.judges.rubric import Rubric, Unit
from equipoise.judges.vote import Exhibit, digest

FENCE = "====="
"""The line above and below untrusted text."""

_FENCE_LIKE = re.compile(r"[=＝﹦⩵⩶═][=＝﹦⩵⩶═\u200b-\u200d\u2060\ufeff]{2,}")
"""Anything in a text that could be taken for the fence, also in lookalikes or with invisible characters between."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def fence(text: str) -> str:
    """Untrusted text between two fence lines; what looks like a fence inside it becomes dashes."""
    inside = _FENCE_LIKE.sub(lambda found: "-" * len(found.group()), text)
    return f"{FENCE}\n{inside}\n{FENCE}"


def prompts() -> dict[str, Any]:
    """The texts around a rubric, with version and canary."""
    return texts_of(__package__ or "")


@dataclass(frozen=True)
class Question:
    """One call to a judge: an exhibit and the criteria that are asked about together.

    Attributes:
        exhibit: What is judged.
        rubric: How.
        units: What gets a vote each; more than one are asked for as a JSON object.
        strictness: `neutral`, `lenient` or `strict`.
        fenced: Whether untrusted texts are fenced and announced as data. False only to measure what the fence is worth.
    """

    exhibit: Exhibit
    rubric: Rubric
    units: tuple[Unit, ...]
    strictness: str = "neutral"
    fenced: bool = True

    @cached_property
    def prompt(self) -> str:
        """What the judge is told."""
        show = fence if self.fenced else str
        return self._render({name: show(self.exhibit.fields[name]) for name in self.rubric.fields})

    @cached_property
    def prompt_hash(self) -> str:
        """Identity of everything that the judge is told apart from the fields, the reminder included."""
        return digest([self._render({name: f"<{name}>" for name in self.rubric.fields}), self.reminder])

    @cached_property
    def material_hash(self) -> str:
        """Identity of the fields that the rubric shows."""
        return digest({name: self.exhibit.fields[name] for name in self.rubric.fields})

    @property
    def joint(self) -> bool:
        """Whether several votes are asked for in one reply."""
        return len(self.units) > 1

    @property
    def format(self) -> str:
        """How to reply."""
        if not self.joint:
            return str(prompts()["format"]).format(choices=", ".join(self.units[0].replies))
        example = json.dumps({unit.label: "…" for unit in self.units}, ensure_ascii=False)
        return str(prompts()["format_joint"]).format(example=example)

    @property
    def reminder(self) -> str:
        """What a judge is told whose reply could not be read."""
        return f"{prompts()['reminder']} {self.format}"

    def _render(self, shown: Mapping[str, str]) -> str:
        body = _PLACEHOLDER.sub(lambda found: shown[found.group(1)], self.rubric.body)
        parts = [prompts()["notice"] if self.fenced else "", body, prompts()["strictness"][self.strictness]]
        parts += [_asked(unit) for unit in self.units]
        return "\n\n".join(part.strip() for part in (*parts, self.format) if part.strip())


def _asked(unit: Unit) -> str:
    """A criterion with the anchors of its scale."""
    anchors = "\n".join(f"{point.reply}: {point.means}" for point in unit.scale)
    return str(prompts()["criterion"]).format(label=unit.label, text=unit.text, anchors=anchors)


def strictnesses() -> tuple[str, ...]:
    """Names of the shipped degrees of strictness."""
    return tuple(prompts()["strictness"])


def questions(
    exhibit: Exhibit, rubric: Rubric, strictness: str = "neutral", joint: bool = False, fenced: bool = True
) -> Sequence[Question]:
    """The calls that one judge needs for one exhibit: one per criterion, or one for all."""
    units = rubric.units(exhibit.criteria, exhibit.measure)
    groups = [tuple(units)] if joint else [(unit,) for unit in units]
    return [Question(exhibit, rubric, group, strictness, fenced) for group in groups]
