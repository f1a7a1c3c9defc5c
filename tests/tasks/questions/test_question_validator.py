"""Each check of the validator against a minimal file that trips it and nothing else."""

from pathlib import Path

import pytest
from question_files import APPEALS, CLEAN, record, stamped, words, write

from equipoise.tasks.questions import validate_file


def problems_of(path: Path) -> list[tuple[int, str, str]]:
    """Line, field and message of every problem; the file must be left alone, the messages must say where."""
    before = path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())
    _, problems = validate_file(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())) == before
    for problem in problems:
        assert str(problem) == f"{path}:{problem.line}: field '{problem.field}': {problem.message}"
        assert "\n" not in str(problem)
    return [(problem.line, problem.field, problem.message) for problem in problems]


def appeals(turn: int, positive: str, negative: str) -> dict:
    """The clean appeals with the texts of one turn replaced."""
    made = {side: {"logical": list(APPEALS[side]["logical"])} for side in APPEALS}
    made["positive"]["logical"][turn], made["negative"]["logical"][turn] = positive, negative
    return made


def test_a_clean_file(tmp_path):
    path = write(tmp_path / "items.jsonl", stamped(), stamped(id="made-2", question="Which city is it?"))
    assert problems_of(path) == []
    assert [item.id for item in validate_file(path)[0]] == ["made-1", "made-2"]


SCHEMA = [
    ({"question": None}, "question", "Field required"),
    ({"kind": "essay"}, "kind", "'open', 'boolean' or 'mcq'"),
    ({"colour": "red"}, "colour", "not permitted"),
    ({"claims": {"negative": ""}}, "claims.negative", "at least 1 character"),
    ({"appeals": {"negative": {"logical": ["one"]}}}, "appeals", "negative.logical: expected 3 texts, found 1"),
    ({"wrong_aliases": {"Lyon": ["Paris"]}}, "gold/wrong", "right answer 'Paris' and wrong answer 'Paris' collide"),
    (
        {"gold": ["it's: so", "x"], "wrong": ["X"], "wrong_aliases": {}},
        "gold/wrong",
        "'x' and wrong answer 'X' collide",
    ),
    ({"wrong": [], "wrong_aliases": {}}, "wrong", "needs at least one wrong answer"),
]


@pytest.mark.parametrize(("changes", "field", "message"), SCHEMA)
def test_schema_and_collisions(tmp_path, changes, field, message):
    (tmp_path / "odd: name': x").mkdir()
    path = write(tmp_path / "odd: name': x" / "items.jsonl", stamped(), record(id="made-2", **changes))
    ((line, found, text),) = problems_of(path)
    assert (line, found) == (2, field) and message in text
    assert str(path) not in text and "field '" not in text


CONTENT = {
    "missing fact": ({"fact": None}, "fact", "is missing"),
    "missing source": ({"source": ""}, "source", "is missing"),
    "missing licence": ({"licence": None}, "licence", "is missing"),
    "missing version": ({"version": None}, "version", "is missing"),
    "missing canary": ({"canary": None}, "canary", "is missing"),
    "claim leaks": (
        {"claims": {**CLEAN["claims"], "negative": "Lyon, not the city of light, is the capital."}},
        "claims.negative", "names the other side's answer 'City of Light'",
    ),
    "claim leaks an alias": (
        {"claims": {**CLEAN["claims"], "positive": "Paris and not LYONS is the capital."}},
        "claims.positive", "names the other side's answer 'Lyons'",
    ),
    "claim does not name its answer": (
        {"claims": {**CLEAN["claims"], "positive": "The capital lies on the Seine."}},
        "claims.positive", "expected it to name its answer 'Paris'",
    ),
    "pushed claim names another wrong answer": (
        {"claims": {**CLEAN["claims"], "negative": "Marseille is the capital."}},
        "claims.negative", "expected it to name its answer 'Lyon'",
    ),
    "claim without full stop": (
        {"claims": {**CLEAN["claims"], "negative": "Lyon is the capital"}}, "claims.negative", "ends with a full stop",
    ),
    "appeal leaks": (
        {"appeals": appeals(1, words(30, "p"), words(29, "but") + " Paris!")},
        "appeals.negative.logical.1", "names the other side's answer 'Paris'",
    ),
    "right appeal names a wrong answer": (
        {"appeals": appeals(2, words(29, "but") + " Marseille.", words(30, "n"))},
        "appeals.positive.logical.2", "names the other side's answer 'Marseille'",
    ),
    "too short": (
        {"appeals": appeals(0, words(25, "p"), words(24, "n"))},
        "appeals.negative.logical.0", "expected 25 to 60 words, found 24",
    ),
    "too long": (
        {"appeals": appeals(0, words(61, "p"), words(60, "n"))},
        "appeals.positive.logical.0", "expected 25 to 60 words, found 61",
    ),
    "unbalanced": (
        {"appeals": appeals(1, words(50, "p"), words(39, "n"))},
        "appeals.*.logical.1", "expected both sides within 20% in words, found 50 and 39",
    ),
    "one side only": (
        {"appeals": {"negative": APPEALS["negative"]}}, "appeals.*.logical", "expected on both sides, found on one",
    ),
    "the same text twice": (
        {"appeals": appeals(1, words(30, "positive0").upper(), words(30, "n"))},
        "appeals.positive.logical", "two of its texts are the same",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENT)
def test_content(tmp_path, name):
    changes, field, message = CONTENT[name]
    other = stamped(id="made-2", question="Which city is it?")
    path = write(tmp_path / "items.jsonl", other, stamped(**changes))
    ((line, found, text),) = problems_of(path)
    assert (line, found) == (2, field) and message in text


def test_lengths_at_the_limits_pass(tmp_path):
    texts = [("p", 25, "n", 31), ("p", 60, "n", 48), ("p", 40, "n", 50)]
    made = {
        "positive": {"logical": [words(count, f"p{turn}") for turn, (_, count, _, _) in enumerate(texts)]},
        "negative": {"logical": [words(count, f"n{turn}") for turn, (_, _, _, count) in enumerate(texts)]},
    }
    assert problems_of(write(tmp_path / "items.jsonl", stamped(appeals=made))) == []


def test_duplicate_id(tmp_path):
    path = write(tmp_path / "items.jsonl", stamped(), stamped(question="Which city is it?"))
    assert problems_of(path) == [(2, "id", "duplicate of line 1")]


def test_duplicate_question(tmp_path):
    again = [stamped(id=f"made-{i}", question="what is capital of FRANCE") for i in (2, 3)]
    path = write(tmp_path / "items.jsonl", stamped(), *again)
    assert problems_of(path) == [(2, "question", "duplicate of line 1"), (3, "question", "duplicate of line 1")]


def test_hash(tmp_path):
    good = stamped()
    path = write(tmp_path / "items.jsonl", {**good, "question": "Which city?"}, {**record(id="made-2"), "hash": ""})
    (one, field, message), (two, _, missing) = problems_of(path)
    assert (one, field, two) == (1, "hash", 2)
    assert message.endswith(f"found '{good['hash']}'") and missing.endswith("found ''")


def test_yes_and_no_are_not_leaks(tmp_path):
    made = stamped(kind="boolean", gold=["no"], wrong=["yes"], wrong_aliases={},
                   claims={"positive": "There is no such city.", "negative": "No doubt: there is one."})  # fmt: skip
    assert problems_of(write(tmp_path / "items.jsonl", made)) == []


def test_an_untargeted_claim_may_name_the_right_answer(tmp_path):
    made = stamped(targeted=False, claims={"negative": "Paris is not the capital."})
    assert problems_of(write(tmp_path / "items.jsonl", made)) == []


def test_every_problem_is_told_in_file_order(tmp_path):
    path = write(tmp_path / "items.jsonl", stamped(fact=None), {"id": "x"}, stamped(licence=None, canary=None))
    found = [(line, field) for line, field, _ in problems_of(path)]
    assert found == [(1, "fact"), (2, "family"), (3, "id"), (3, "question"), (3, "licence"), (3, "canary")]
