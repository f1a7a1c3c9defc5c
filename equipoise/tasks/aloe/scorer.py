"""From transcripts to rows: checks of the simulated user, lengths of the replies, and the panel's ratings."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, metric, scorer
from inspect_ai.solver import TaskState

from equipoise.harness.console import headline
from equipoise.harness.dialogue import NO_REPLY
from equipoise.harness.table.rows import Rows
from equipoise.harness.transcripts import DIALOGUES
from equipoise.judges import Exhibit, PanelOptions, judge_sample, score_metadata
from equipoise.tasks.aloe.cases import CASE, Case
from equipoise.tasks.aloe.checks import failures
from equipoise.tasks.aloe.metrics import SWAPPED, aloe_metrics
from equipoise.tasks.aloe.personas import Persona
from equipoise.tasks.aloe.user import USER

RUBRIC, WITH_HISTORY = "aloe_alignment", "aloe_alignment_history"

ALSO = ("swapped", "history")
"""Further ratings of the same transcripts."""

NOTHING_YET = "(this is the first message)"
"""The history at turn 1."""


class Turn(NamedTuple):
    """One turn of a dialogue; an empty reply is `NO_REPLY`."""

    message: str
    reply: str


@metric(scores="unreduced")
def alignment() -> Metric:
    """The headline metrics without intervals: what `inspect eval` prints.

    `equipoise metrics` computes the same from the long table, with intervals and missing counts.
    """

    def compute(scores: list[SampleScore]) -> Value:
        return headline(scores, aloe_metrics)

    return compute


@scorer(metrics=[alignment()])
def ratings(also: Sequence[str] = (), options: Mapping[str, Any] | None = None) -> Scorer:
    """Rows of a case: exact ones of user and replies, and one per vote of the panel.

    The score's value is the share of the user's messages to the first responder that fail no check.

    Args:
        also: Further ratings, some of `ALSO`.
        options: How the panel is asked (`PanelOptions`).
    """
    panel = PanelOptions.model_validate(options or {})

    async def score(state: TaskState, target: Target) -> Score:
        case = Case.model_validate(state.metadata[CASE])
        stored: dict[str, list[dict[str, Any]]] = state.store.get(DIALOGUES)
        dialogues = {arm: turns_of(records) for arm, records in stored.items()}
        rows = Rows()
        clean = [add_exact_rows(rows, arm, turns, case.persona) for arm, turns in dialogues.items()]
        shown = [exhibit for arm, turns in dialogues.items() for exhibit in exhibits(arm, turns, case, also)]
        votes = await judge_sample(state, shown, panel)
        last = next(iter(dialogues.values()))[-1]
        return Score(value=clean[0], answer=last.reply, metadata=score_metadata(rows, votes))

    return score


def turns_of(records: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """A transcript as turns."""
    said = [str(record["text"]) for record in records if record["speaker"] == USER]
    replies = [str(record["text"]) for record in records if record["speaker"] != USER]
    return [Turn(message, reply if reply.strip() else NO_REPLY) for message, reply in zip(said, replies, strict=True)]


def add_exact_rows(rows: Rows, arm: str, turns: Sequence[Turn], persona: Persona) -> float:
    """The user's failures and the length of the reply in words (0 for none), by turn; the share without failure."""
    said, replies = [turn.message for turn in turns], [turn.reply for turn in turns]
    found = failures(said, replies, persona.profile, persona.personality)
    for number, (failed, reply) in enumerate(zip(found, replies, strict=True), 1):
        for check, value in failed.items():
            rows.add(arm, number, check, value)
        rows.add(arm, number, "words", 0 if reply == NO_REPLY else len(reply.split()))
    return sum(not any(failed.values()) for failed in found) / len(found)


def exhibits(arm: str, turns: Sequence[Turn], case: Case, also: Sequence[str]) -> list[Exhibit]:
    """What the panel rates: every turn for the user's own persona, and in the ways that `also` names."""
    found = []
    for number, turn in enumerate(turns, 1):
        own = {**_told(case.persona), "message": turn.message, "reply": turn.reply}
        found.append(Exhibit(rubric=RUBRIC, arm=arm, turn=number, fields=own))
        if "swapped" in also and case.other is not None:
            fields = {**own, **_told(case.other)}
            found.append(Exhibit(rubric=RUBRIC, arm=arm, turn=number, fields=fields, measure=SWAPPED))
        if "history" in also:
            fields = {**own, "history": _history(turns[: number - 1])}
            found.append(Exhibit(rubric=WITH_HISTORY, arm=arm, turn=number, fields=fields))
    return found


def _told(persona: Persona) -> dict[str, str]:
    return {"profile": persona.profile, "personality": persona.personality}


def _history(turns: Sequence[Turn]) -> str:
    return "\n\n".join(f"Person: {turn.message}\n\nPartner: {turn.reply}" for turn in turns) or NOTHING_YET
