"""From the votes on finished logs to a frozen set."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from equipoise.errors import InputError
from equipoise.harness.table import log_files
from equipoise.judges.names import split_name
from equipoise.judges.probes.frozen import Frozen, FrozenVote
from equipoise.judges.prompt import questions
from equipoise.judges.rejudge import Judgeable, finished_samples, judgeable, keep_votes
from equipoise.judges.rubric import Rubric
from equipoise.judges.store import Place, Store, store_path
from equipoise.judges.vote import Vote, digest, vote_key


def freeze(logs: Path, rubrics: Sequence[Rubric] = ()) -> Frozen:
    """The votes on the logs at a path, with the transcripts and rubrics that they are about.

    Equal texts share a vote, so it is frozen once.

    Args:
        logs: Log, folder of logs, or run folder.
        rubrics: Rubrics that votes were given by besides the ones that the tasks named.

    Raises:
        InputError: No logs, or no vote that can be frozen.
    """
    files, path = log_files(logs), store_path(logs)
    with Store(path if path.is_file() else Path(":memory:")) as store:
        found = list(_judgeable(files, rubrics, store))
        votes = dict(store.placed())
    known: dict[str, Rubric] = {}
    frozen: dict[str, FrozenVote] = {}
    for entry in found:
        name = digest(entry.rubric.model_dump(mode="json"))
        for place, joint in _places(entry, {vote.judge for vote in votes.values()}):
            if place in votes and votes[place].missing != "error":
                known[name] = entry.rubric
                frozen.setdefault(place.key, _frozen(entry, name, joint, votes[place]))
    if not frozen:
        raise InputError("holds no votes that could be frozen; equipoise judge adds some", path=logs)
    left_out = {place.key for place in votes} - set(frozen)
    return Frozen(rubrics=known, votes=tuple(frozen.values()), left_out=len(left_out))


def _judgeable(files: Sequence[str], rubrics: Sequence[Rubric], store: Store) -> Iterator[Judgeable]:
    """What the votes may be about, by the tasks' rubrics and by further ones."""
    for file in files:
        for batch in finished_samples(file):
            keep_votes(file, batch, store)
            yield from judgeable(file, batch, (), ())
            if rubrics:
                yield from judgeable(file, batch, rubrics, ())


def _places(entry: Judgeable, judges: set[str]) -> Iterator[tuple[Place, bool]]:
    """Where votes of the judges on an exhibit would be, were they given today; and whether in one call for all."""
    for judge in sorted(judges):
        for joint in (False, True):
            for question in questions(entry.exhibit, entry.rubric, split_name(judge)[1], joint):
                if question.joint == joint:
                    hashes = question.prompt_hash, question.material_hash
                    for unit in question.units:
                        yield entry.place(vote_key(judge, *hashes, unit.measure, entry.epoch)), joint


def _frozen(entry: Judgeable, rubric: str, joint: bool, vote: Vote) -> FrozenVote:
    shown = {name: entry.exhibit.fields[name] for name in entry.rubric.fields}
    exhibit = entry.exhibit.model_copy(update={"fields": shown})
    return FrozenVote(sample=f"{entry.log} {entry.sample}", rubric=rubric, exhibit=exhibit, joint=joint, vote=vote)
