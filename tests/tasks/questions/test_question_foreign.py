"""Question sets that were not made for us: records in files, the hub, StrategyQA."""

import csv
import json
import sys
import types
from collections import Counter
from pathlib import Path

import pytest

from equipoise.errors import InputError
from equipoise.tasks.questions import load_items

STRATEGYQA = Path(__file__).parents[3].parent / "shared" / "data" / "strategyqa" / "dev.json"

OPEN = [
    {"question": "Who wrote it?", "answer": "Ada Lark"},
    {"question": " Where is it? ", "answer": ["Oslo", "Christiania"]},
]


def put(path: Path, rows: list[dict]) -> str:
    """Rows as a CSV, JSON or JSONL file, by the path's ending: the source."""
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return f"records:{path}"


def one(tmp_path: Path, row: dict, query: str = ""):
    """The item of a single row in a JSONL file."""
    (item,) = load_items(put(tmp_path / "set.jsonl", [row]) + query)
    return item


def fault(source: str) -> str:
    """The message of a source that does not fit, on one line."""
    with pytest.raises(InputError) as caught:
        load_items(source)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_open_questions(tmp_path, ending):
    first, second = load_items(put(tmp_path / f"pubs.{ending}", OPEN))
    assert (first.id, first.family, first.domain, first.kind) == ("pubs-00001", "pubs-00001", "pubs", "open")
    assert first.question == "Who wrote it?" and first.gold == ("Ada Lark",) and first.wrong == ()
    assert not first.targeted and first.claims.negative == "the answer is not Ada Lark."
    assert first.claims.positive is None and not first.appeals.negative
    assert second.question == "Where is it?" and second.gold == ("Oslo", "Christiania")


def test_csv(tmp_path):
    rows = [
        {"frage": 'Who said "so, it\'s\nhere"?', "antwort": "Ada", "nr": "7"},
        {"frage": "A line\u2028separator in a cell?", "antwort": "Bo", "nr": "x/8"},
    ]
    first, second = load_items(put(tmp_path / "q.csv", rows) + "?question=frage&answer=antwort&id=nr&domain=quiz")
    assert (first.id, first.domain, first.gold) == ("quiz-7", "quiz", ("Ada",))
    assert first.question == 'Who said "so, it\'s\nhere"?'
    assert (second.id, second.gold) == ("quiz-x-8", ("Bo",))


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = tmp_path / "bom.csv"
    path.write_bytes("\ufeffquestion,answer\nWho?,Ada\n".encode())
    (item,) = load_items(f"records:{path}")
    assert item.question == "Who?"


def test_a_file_name_that_is_no_id_makes_ids_all_the_same(tmp_path):
    (item,) = load_items(put(tmp_path / "my set (v1.2).jsonl", OPEN[:1]))
    assert item.id == "my-set--v1-2--00001" and item.domain == "my set (v1.2)"


@pytest.mark.parametrize(
    ("stated", "gold"),
    [
        ({"value": "Oslo", "aliases": ["Christiania", "Oslo", "Oslo"]}, ("Oslo", "Christiania")),
        ({"aliases": ["Oslo", "!!"]}, ("Oslo",)),
        ({"value": "Oslo", "aliases": []}, ("Oslo",)),
        (0, ("0",)),
        (["Oslo", None, ""], ("Oslo",)),
    ],
)
def test_aliases(tmp_path, stated, gold):
    assert one(tmp_path, {"question": "Where?", "answer": stated}).gold == gold


@pytest.mark.parametrize("stated", [{"value": None, "aliases": []}, {"other": "x"}, [None]])
def test_an_answer_that_names_nothing(tmp_path, stated):
    source = put(tmp_path / "set.jsonl", [OPEN[0], {"question": "Where?", "answer": stated}])
    message = fault(source)
    assert "set.jsonl:2" in message and "field 'answer'" in message and "names no answer" in message


# --- yes or no ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "gold"),
    [(True, "yes"), (False, "no"), ("Yes ", "yes"), ("FALSE", "no"), (1, "yes"), (0, "no"), ("true", "yes")],
)
def test_boolean(tmp_path, stated, gold):
    item = one(tmp_path, {"question": "Is it?", "answer": stated}, "?boolean=yes")
    wrong = {"yes": "no", "no": "yes"}[gold]
    assert (item.kind, item.gold, item.wrong, item.target) == ("boolean", (gold,), (wrong,), wrong)
    assert item.claims.positive == f"the answer is {gold}." and item.claims.negative == f"the answer is {wrong}."


def test_boolean_switched_off_or_misspelt(tmp_path):
    assert one(tmp_path, OPEN[0], "?boolean=no").kind == "open"
    assert "expected yes or no, found 'maybe'" in fault(f"records:{tmp_path}/set.jsonl?boolean=maybe")


def test_an_answer_that_is_neither(tmp_path):
    source = put(tmp_path / "set.csv", [{"question": "Is it?", "answer": "perhaps"}])
    message = fault(f"{source}?boolean=yes")
    assert "set.csv:2" in message and "field 'answer'" in message and "expected yes or no, found 'perhaps'" in message


# --- choices ------------------------------------------------------------------------------------------------------

TEXTS = ["Amber", "Birch", "Cedar"]


@pytest.mark.parametrize(
    ("choices", "answer"),
    [
        (TEXTS, "Cedar"),
        (TEXTS, "C"),
        (TEXTS, 2),
        (TEXTS, "2"),
        ({"text": TEXTS, "label": ["1", "2", "3"]}, "3"),
        ({"text": TEXTS, "label": ["x", "y", "z"]}, "z"),
        ({"text": TEXTS}, "C"),
    ],
)
def test_choices_by_text_letter_index_or_label(tmp_path, choices, answer):
    item = one(tmp_path, {"question": "Which?", "answer": answer, "choices": choices}, "?choices=choices")
    assert (item.kind, item.gold, item.wrong, item.targeted) == ("mcq", ("Cedar",), ("Amber", "Birch"), False)
    assert [(option.text, option.score) for option in item.options] == [("Amber", 0), ("Birch", 0), ("Cedar", 1)]


@pytest.mark.parametrize(
    ("choices", "answer", "gold"),
    [
        (["4", "2", "0", "1"], 1, "2"),  # MMLU: the answer is an index, the choices are figures
        (["4", "2", "0", "1"], "1", "1"),
        ([4, 2, 0, 1], 1, "1"),
        (["B", "C", "A"], "B", "B"),
    ],
)
def test_a_number_is_an_index_and_a_text_a_text(tmp_path, choices, answer, gold):
    item = one(tmp_path, {"question": "Which?", "answer": answer, "choices": choices}, "?choices=choices")
    assert item.gold == (gold,)


def test_columns_of_wrong_answers(tmp_path):
    rows = [{"q": "Which?", "right": "Cedar", "w1": "Amber", "w2": "Birch"},
            {"q": "And?", "right": "Dill", "w1": "Elder", "w2": ""}]  # fmt: skip
    both = load_items(put(tmp_path / "sci.csv", rows) + "?question=q&answer=right&wrong=w1, w2")
    assert [(item.kind, item.gold, item.wrong) for item in both] == [
        ("mcq", ("Cedar",), ("Amber", "Birch")), ("mcq", ("Dill",), ("Elder",)),
    ]  # fmt: skip
    assert [option.score for option in both[0].options] == [1, 0, 0]


@pytest.mark.parametrize(
    ("row", "query", "message"),
    [
        ({"answer": "D", "choices": TEXTS}, "choices=choices", "expected one of the 3 choices, found 'D'"),
        ({"answer": 3, "choices": TEXTS}, "choices=choices", "expected one of the 3 choices, found '3'"),
        ({"answer": "A", "choices": "A|B|C"}, "choices=choices", "expected a list of choices"),
        ({"answer": "A", "choices": {"label": ["A"]}}, "choices=choices", "expected a list of choices"),
        ({"answer": "A", "choices": []}, "choices=choices", "is empty or absent"),
        ({"answer": "A", "choices": TEXTS}, "choices=options", "field 'options'"),
        ({"answer": "A", "choices": ["Amber"]}, "choices=choices", "names no wrong answer"),
        ({"answer": "A", "choices": ["Amber", "amber"]}, "choices=choices", "collide"),
        ({"answer": "A", "w1": "B"}, "wrong=w1,w2", "field 'w2'"),
        ({"answer": "A", "w1": ""}, "wrong=w1", "names no wrong answer"),
    ],
)
def test_choices_that_do_not_fit(tmp_path, row, query, message):
    source = put(tmp_path / "set.jsonl", [{"question": "Which?", **row}])
    found = fault(f"{source}?{query}")
    assert "set.jsonl:1" in found and message in found


# --- columns, options, files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?question=frage", "set.csv:2: field 'frage': is empty or absent"),
        ("?answer=antwort", "set.csv:2: field 'antwort': is empty or absent"),
        ("?id=nr", "set.csv:2: field 'nr': is empty or absent"),
        ("?colour=red", "field 'colour': unknown option; expected one of question, answer, choices"),
        ("?split=test", "field 'split': unknown option"),
    ],
)
def test_columns_and_options_that_are_not_there(tmp_path, query, message):
    assert message in fault(put(tmp_path / "set.csv", [{"question": "Who?", "answer": "Ada"}]) + query)


@pytest.mark.parametrize("row", [{"question": "", "answer": "x"}, {"question": "q", "answer": ""}])
def test_an_empty_cell(tmp_path, row):
    field = next(name for name, value in row.items() if not value)
    message = fault(put(tmp_path / "set.csv", [{"question": "Who?", "answer": "Ada"}, row]))
    assert f"set.csv:3: field '{field}': is empty or absent" in message


def test_an_id_that_occurs_twice(tmp_path):
    rows = [{"question": f"Who {name}?", "answer": "Ada", "nr": name} for name in ("a b", "a-b")]
    message = fault(put(tmp_path / "set.json", rows) + "?id=nr")
    assert "set.json:2" in message and "duplicate id 'set-a-b', first on line 1" in message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("set.csv", "question,answer\n", "holds no questions"),
        ("set.csv", "", "holds no questions"),
        ("set.json", "[]", "holds no questions"),
        ("set.jsonl", "", "is empty"),
        ("set.json", "{}", "expected a JSON list of objects"),
        ("set.json", "[1]", "expected a JSON list of objects"),
        ("set.json", "[", "broken JSON"),
        ("set.csv", "question,answer\n" + "x" * 200_000 + ",Ada\n", "broken CSV"),
        ("set.txt", "question", "expected a file that ends with .csv, .json or .jsonl"),
    ],
)
def test_files_that_do_not_fit(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    found = fault(f"records:{path}")
    assert found.startswith(str(path)) and message in found


def test_a_missing_file_and_one_that_is_not_utf8(tmp_path):
    assert "cannot be read" in fault(f"records:{tmp_path}/none.csv")
    (tmp_path / "latin.csv").write_bytes("question,answer\nWo?,K\xf6ln\n".encode("latin-1"))
    assert "cannot be read" in fault(f"records:{tmp_path}/latin.csv")


# --- the hub ------------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch):
    """A stand-in for the package `datasets`: its `load_dataset` returns the given rows or raises the given error."""
    asked: list[tuple] = []

    def install(rows):
        def load_dataset(name, config=None, split=None, revision=None):
            asked.append((name, config, split, revision))
            if isinstance(rows, Exception):
                raise rows
            return rows

        module = types.ModuleType("datasets")
        module.load_dataset = load_dataset
        monkeypatch.setitem(sys.modules, "datasets", module)
        return asked

    return install


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)  # as if it were not installed
    message = fault("hf:allenai/sciq?split=test&answer=correct_answer")
    assert "hf:allenai/sciq needs the package 'datasets': pip install datasets" in message


def test_a_set_of_the_hub(hub):
    asked = hub([{"q": "Which?", "correct": "Cedar", "d1": "Amber", "d2": "Birch"}])
    (item,) = load_items("hf:allenai/sciq?split=validation&config=c&revision=abc&question=q&answer=correct&wrong=d1,d2")
    assert asked == [("allenai/sciq", "c", "validation", "abc")]
    assert (item.id, item.domain, item.kind, item.gold) == ("sciq-00001", "sciq", "mcq", ("Cedar",))
    assert item.source == "hf:allenai/sciq"


def test_defaults_and_the_formats_of_well_known_sets(hub):
    asked = hub([{"question": "Which?", "answerKey": "B", "id": "Q_1",
                  "choices": {"text": ["Amber", "Birch"], "label": ["A", "B"]}}])  # fmt: skip
    (item,) = load_items("hf:allenai/ai2_arc?config=ARC-Challenge&answer=answerKey&choices=choices&id=id")
    assert asked == [("allenai/ai2_arc", "ARC-Challenge", "test", None)]
    assert (item.id, item.gold, item.wrong) == ("ai2_arc-Q_1", ("Birch",), ("Amber",))
    hub([{"question": "Who sang?", "question_id": "tc_1", "answer": {"value": "Bassey", "aliases": ["Dame Bassey"]}}])
    (item,) = load_items("hf:mandarjoshi/trivia_qa?config=rc.web.nocontext&split=validation&id=question_id")
    assert (item.id, item.kind, item.gold) == ("trivia_qa-tc_1", "open", ("Bassey", "Dame Bassey"))


def test_faults_of_the_hub(hub):
    hub(ConnectionError("no network\nat all"))
    assert fault("hf:a/b") == "hf:a/b cannot be loaded (no network)"
    hub(ValueError())
    assert fault("hf:a/b") == "hf:a/b cannot be loaded (ValueError)"
    hub([{"question": "Who?"}])
    assert fault("hf:a/b") == "hf:a/b:1: field 'answer': is empty or absent"
    hub([])
    assert "holds no questions" in fault("hf:a/b")
    hub([{"question": "Who?", "answer": "Ada"}])
    assert "unknown option" in fault("hf:a/b?colour=red")


# --- StrategyQA ---------------------------------------------------------------------------------------------------


def test_strategyqa(tmp_path):
    path = tmp_path / "dev.json"
    path.write_text(json.dumps([{"qid": "ab12", "question": "Is it?", "answer": True, "facts": ["It is."]},
                                {"qid": "cd34", "question": "Or not?", "answer": False}]))  # fmt: skip
    first, second = load_items(f"strategyqa:{path}")
    assert (first.id, first.domain, first.kind, first.gold) == ("strategyqa-ab12", "strategyqa", "boolean", ("yes",))
    assert second.gold == ("no",)
    path.write_text(json.dumps([{"qid": "x", "question": "Is it?"}]))
    assert "dev.json:1: field 'answer'" in fault(f"strategyqa:{path}")


@pytest.mark.reference
def test_the_real_strategyqa_file():
    if not STRATEGYQA.is_file():
        pytest.skip("no StrategyQA file beside the checkout")
    items = load_items(f"strategyqa:{STRATEGYQA}")
    assert Counter(item.gold[0] for item in items) == {"yes": 107, "no": 122}
    assert len({item.id for item in items}) == len({item.question for item in items}) == 229
    assert {(item.kind, item.domain) for item in items} == {("boolean", "strategyqa")}


# --- in a task ----------------------------------------------------------------------------------------------------


def test_an_open_set_without_wrong_answers_cannot_be_seeded_wrong(tmp_path):
    from equipoise.tasks.misinformation import misinformation

    source = put(tmp_path / "set.jsonl", OPEN)
    with pytest.raises(InputError, match=r"field 'start': item set-0000. names no wrong answer"):
        misinformation(items=source, techniques="control")
    assert len(misinformation(items=source, techniques="control", start="natural").dataset) == 2
