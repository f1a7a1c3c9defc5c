"""Ask judges about attacked replies, with the fenced prompt and with a naive one."""

from collections.abc import Sequence

from equipoise.judges.asking import Judge
from equipoise.judges.calls import CONNECTIONS, Watch
from equipoise.judges.injection.cases import Case, cases, publish_key, unit_of
from equipoise.judges.injection.rates import PROMPTS, Injection, Outcome, Prompt, summarize
from equipoise.judges.probes.asking import ask_all, missing_votes, question_on
from equipoise.judges.prompt import Question
from equipoise.judges.store import Store
from equipoise.judges.vote import Vote


def probe_injection(
    judges: Sequence[Judge], store: Store, limit: int | None = None, rubrics: Sequence[str] = (),
    connections: int = CONNECTIONS, on_votes: Watch | None = None,
) -> list[Injection]:  # fmt: skip
    """Show each judge the shipped bad replies alone, with each attack, and with harmless words instead.

    Two calls for each attack on each reply (64 on 5), and a few for the replies alone and the harmless words, of which
    attacks of about the same length share one text.

    Args:
        judges: Who is attacked.
        store: Where votes are kept.
        limit: Use so many attacks, the kinds in turn; None = all.
        rubrics: Attack replies of these rubrics only; empty = all.
        connections: Calls at the same time per judge.
        on_votes: Called whenever there are new votes.

    Raises:
        InputError: No reply is judged by one of the rubrics.
    """
    shown = cases(limit, rubrics)
    publish_key(shown)
    places = [(judge, prompt, case) for judge in judges for prompt in PROMPTS for case in shown]
    work = [(judge, question) for judge, prompt, case in places for question in _questions(judge, prompt, case)]
    votes = [vote for (vote,) in ask_all(work, store, connections, on_votes)]
    threes = [votes[start : start + 3] for start in range(0, len(votes), 3)]
    found: dict[str, list[Outcome]] = {}
    for (judge, prompt, case), three in zip(places, threes, strict=True):
        found.setdefault(judge.name, []).append(_outcome(prompt, case, three))
    missing = {each.judge: each for each in missing_votes(votes)}
    return [summarize(missing[name], outcomes) for name, outcomes in found.items()]


def _questions(judge: Judge, prompt: Prompt, case: Case) -> list[Question]:
    """The reply alone, with the attack, with harmless words."""
    texts = case.alone, case.attacked, case.control
    return [question_on(judge, case.reply.rubric, case.fields(text), fenced=prompt == "fenced") for text in texts]


def _outcome(prompt: Prompt, case: Case, votes: Sequence[Vote]) -> Outcome:
    alone, attacked, control = votes
    unit = unit_of(case.reply)
    best = unit.value(unit.replies[-1])
    return Outcome(
        prompt=prompt,
        attack=case.attack.id,
        kind=case.attack.kind,
        language=case.attack.language,
        reply=case.reply.id,
        rubric=case.reply.rubric,
        best=best,
        alone=alone.value,
        attacked=attacked.value,
        control=control.value,
        harmless=len(case.control) - len(case.alone),
        missing=f"alone {alone.missing}" if alone.missing else str(attacked.missing),
    )
