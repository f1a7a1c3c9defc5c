"""The votes on the logs of a submission, as lines of JSON."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from equipoise.judges.rejudge import finished_samples, keep_votes
from equipoise.judges.store import Place, Store, store_path
from equipoise.judges.vote import Vote


def vote_lines(logs: Mapping[Path, str]) -> Iterator[str]:
    """Every vote with its place: those that scorers left in the logs, and those in the store beside them.

    Sorted by place. Where a judge voted twice on one thing (a changed rubric), the later vote stands later.

    Args:
        logs: Names in the submission, by log.
    """
    for path, name in sorted(logs.items(), key=lambda entry: entry[1]):
        for place, vote in sorted(_placed(path), key=lambda entry: entry[0][1:5]):  # stable: later votes stay later
            where = {"log": name, "sample": place.sample, "epoch": place.epoch, "arm": place.arm, "turn": place.turn}
            yield json.dumps({**where, "vote": vote.model_dump(mode="json")}, ensure_ascii=False) + "\n"


def _placed(log: Path) -> list[tuple[Place, Vote]]:
    """Votes of the store; before them, those of the log that it does not have."""
    beside = store_path(log)
    added: list[tuple[Place, Vote]] = []
    if beside.is_file():
        with Store(beside) as store:
            added = list(store.placed(log.name))
    known = {place for place, _ in added}
    with Store(Path(":memory:")) as store:
        for batch in finished_samples(str(log)):
            keep_votes(str(log), batch, store)
        scored = sorted((entry for entry in store.placed(log.name) if entry[0] not in known), key=lambda each: each[0])
    return [*scored, *added]
