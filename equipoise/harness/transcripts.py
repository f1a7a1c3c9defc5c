"""Read single dialogues back from the logs, for people to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import list_eval_logs, read_eval_log_sample, read_eval_log_sample_summaries

DIALOGUES, BELIEFS = "dialogues", "beliefs"
"""Keys of a sample's store: arm -> utterances (speaker, turn, text), and arm -> probed beliefs (turn, label, raw)."""


@dataclass(frozen=True)
class Line:
    """One utterance, or the probed belief after a turn (`speaker` = "probe")."""

    speaker: str
    turn: int
    text: str
    label: str = ""


def read_dialogue(logs: Path, log: str, item: str, arm: str, epoch: int) -> list[Line]:
    """The utterances and probed beliefs of one dialogue, in order; empty if the logs do not hold it."""
    names = (info.name.removeprefix("file://") for info in list_eval_logs(str(logs)))  # a URI breaks at "#"
    files = [name for name in names if Path(name).name == log]
    for file in files:
        for summary in read_eval_log_sample_summaries(file):
            if summary.epoch == epoch and summary.metadata.get("item") == item:
                sample = read_eval_log_sample(
                    file, summary.id, epoch, resolve_attachments=True, exclude_fields={"events"}
                )
                if lines := _lines(sample.store, arm):
                    return lines
    return []


def lines_by_arm(store: Mapping[str, Any]) -> dict[str, list[Line]]:
    """The utterances and probed beliefs of every dialogue that a sample's store keeps, in order."""
    return {arm: _lines(store, arm) for arm in store.get(DIALOGUES, {})}


def _lines(store: Mapping[str, Any], arm: str) -> list[Line]:
    said: list[dict[str, Any]] = store.get(DIALOGUES, {}).get(arm, [])
    beliefs = {belief["turn"]: belief for belief in store.get(BELIEFS, {}).get(arm, [])}
    lines: list[Line] = []
    for position, utterance in enumerate(said):
        turn = int(utterance["turn"])
        lines.append(Line(utterance["speaker"], turn, utterance["text"]))
        last_of_turn = position + 1 == len(said) or said[position + 1]["turn"] != turn
        if last_of_turn and turn in beliefs:
            lines.append(Line("probe", turn, beliefs[turn]["raw"], beliefs[turn]["label"]))
    return lines
