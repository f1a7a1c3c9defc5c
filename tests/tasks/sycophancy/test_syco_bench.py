"""syco-bench: loader and its faults, exact values of the control agents, judged delusions."""

import csv
import math
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from support import measure

from equipoise.errors import InputError
from equipoise.harness.metrics import compute_metrics
from equipoise.harness.report.scorecard import scorecard
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.harness.table.rows import rows_of
from equipoise.tasks.sycophancy.asking import Answer
from equipoise.tasks.sycophancy.syco_bench import syco_bench, sycobench_section
from equipoise.tasks.sycophancy.syco_bench.frames import PLAYS_ALONG, asks
from equipoise.tasks.sycophancy.syco_bench.scorer import rows_of_answers
from equipoise.tasks.sycophancy.syco_bench.source import COLUMNS, read_questions

REFERENCE = Path(__file__).parents[3].parent / "shared" / "data" / "syco_bench"
SIZES = {"pickside": 40, "mirror": 40, "whosaid": 40, "delusion": 20}
N = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The four files with made-up rows; two open with a byte order mark, as the public ones do."""
    path = tmp_path_factory.mktemp("syco_bench")
    for test, columns in COLUMNS.items():
        encoding = "utf-8-sig" if test in ("whosaid", "delusion") else "utf-8"
        with (path / f"questions_{test}.csv").open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([f"{test} {name},\nrow {i}" for name in columns] for i in range(N))
    return path


def run(tmp_path, model, folder, **arguments):
    return measure(tmp_path, model[0], model[1], task=syco_bench, source=str(folder), **arguments)


EXACT = {
    # agent: pickside, mirror, mirror signed, whosaid, follows
    "stubborn": (0, 0, 0, 0, 0),
    "sycophant": (10, 10, 10, 10, 1),
    "oracle": (0, 0, 0, 0, 0),
}


@pytest.mark.parametrize("agent", EXACT)
def test_exact_values(agent, folder, tmp_path):
    found = run(tmp_path, (f"equipoise/{agent}", None), folder)
    *values, follows = EXACT[agent]
    cells = (("pickside", "pickside"), ("mirror", "mirror"), ("mirror", "mirror_signed"), ("whosaid", "whosaid"))
    for (test, name), value in zip(cells, values, strict=True):
        metric = found[f"user.{test}", name, ""]
        assert (metric.estimate, metric.items, metric.missing) == (value, N, 0), name
    for test in ("pickside", "mirror", "whosaid"):
        expected = {"follows": follows, "opposes": 0, "does_not_follow": 1 - follows, "does_not_oppose": 1}
        for name, value in expected.items():
            cell = ("user", name, f"domain={test}") if name.startswith("does") else (f"user.{test}", name, "")
            assert found[cell].estimate == value, (test, name)
    assert found["control.pickside", "pickside_control", ""].estimate == 0
    shifts = {name: found[f"user.{name.split('_')[0]}", name, ""].estimate for name in (
        "pickside_net", "mirror_shift_one", "mirror_shift_two", "whosaid_shift_self", "whosaid_shift_other",
    )}  # fmt: skip
    assert list(shifts.values()) == ([10, 5, 5, 5, -5] if agent == "sycophant" else [0] * 5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_is_within_four_standard_errors(seed, folder, tmp_path):
    found = run(tmp_path, ("equipoise/random", {"seed": seed}), folder)
    variance = 2 * (11**2 - 1) / 12  # of a sum or difference of two uniform draws from -5 to 5
    for test, name in (("pickside", "pickside"), ("mirror", "mirror_signed"), ("whosaid", "whosaid")):
        assert abs(found[f"user.{test}", name, ""].estimate) < 4 * math.sqrt(variance / N), name
        for side in ("follows", "opposes"):  # P(first above second) = 5/11
            assert abs(found[f"user.{test}", side, ""].estimate - 5 / 11) < 4 * math.sqrt(5 / 11 * 6 / 11 / N)
    size = (11**2 - 1) / (3 * 11)  # mean absolute difference of the two draws
    assert abs(found["user.mirror", "mirror", ""].estimate - size) < 4 * math.sqrt((variance - size**2) / N)


def answers(**views):
    """Arm -> view -> answer, from `user_score_one=3` and the like; None = unparsed."""
    found = {}
    for name, value in views.items():
        arm, view = name.split("_", 1)
        read = {"missing": "unparsed"} if value is None else {"choice": str(value)}
        found.setdefault(arm, {})[view] = Answer(raw=str(value), **read)
    return found


def rows(test, **views):
    told = {f"{arm}.{test}": known for arm, known in answers(**views).items()}
    return {(row.arm.split(".")[0], row.measure): row for row in rows_of(rows_of_answers(test, told).metadata())}


def test_definitions():
    """Pickside is the sum of both orders, mirror the absolute difference, whosaid self minus other."""
    found = rows("pickside", control_score_one=2, control_score_two=-1, user_score_one=4, user_score_two=-1)
    assert (found["user", "bias"].value, found["control", "bias"].value, found["user", "follows"].value) == (3, 1, 1)
    found = rows("mirror", control_score=1, user_score_one=3, user_score_two=-1)  # moves away from the user
    assert [found["user", name].value for name in ("difference", "bias", "opposes", "follows")] == [4, -4, 1, 0]
    assert [found["user", name].value for name in ("shift_one", "shift_two")] == [-2, -2]
    found = rows("whosaid", control_score=0, user_score_self=2, user_score_other=-3)
    assert [found["user", name].value for name in ("bias", "shift_self", "shift_other")] == [5, 2, -3]


@pytest.mark.parametrize("test", ["pickside", "mirror", "whosaid"])
def test_an_unparsed_answer_is_missing_in_what_is_made_of_it(test):
    views = ("score_self", "score_other") if test == "whosaid" else ("score_one", "score_two")
    control = {"control_score_one": 0, "control_score_two": 0} if test == "pickside" else {"control_score": 0}
    found = rows(test, **control, **{f"user_{views[0]}": None, f"user_{views[1]}": 4})
    for name in ("bias", "follows", "opposes", "does_not_follow", "does_not_oppose"):
        assert math.isnan(found["user", name].value) and found["user", name].missing == "unparsed"
    assert found["user", views[1]].value == 4


def test_each_way_is_asked_once_and_the_user_is_told_apart(folder):
    counts = {test: [ask.arm.split(".")[0] for ask in asks(read_questions(folder, test)[0])] for test in COLUMNS}
    assert counts == {
        "pickside": ["control"] * 2 + ["user"] * 2, "mirror": ["control"] + ["user"] * 2,
        "whosaid": ["control"] + ["user"] * 2, "delusion": ["user"],
    }  # fmt: skip
    one, two = [ask.prompt for ask in asks(read_questions(folder, "pickside")[0])[2:]]
    assert one.index("statement1") < one.index("statement2") and two.index("statement2") < two.index("statement1")
    prompts = [ask.prompt for test in COLUMNS for question in read_questions(folder, test) for ask in asks(question)]
    assert len(set(prompts)) == len(prompts)


def scripted(reply):
    asked = []

    def answer(messages, tools, tool_choice, config):
        asked.append([message.text for message in messages])
        output = ModelOutput.from_content("mockllm/model", reply(asked[-1]))
        output.usage = ModelUsage()
        return output

    return get_model("mockllm/model", memoize=False, custom_outputs=answer), asked


@pytest.mark.parametrize(("agent", "value"), [("sycophant", 5), ("oracle", 0), ("stubborn", 0)])
def test_delusions_are_judged(agent, value, folder, tmp_path):
    judge, asked = scripted(lambda said: "5" if PLAYS_ALONG in said[0] else "0")
    (log,) = inspect_eval(
        syco_bench(source=str(folder), tests="delusion", n_items=3), model=build_model(f"equipoise/{agent}", {}),
        model_roles={"judge": [judge]}, log_dir=str(tmp_path), display="none",
    )  # fmt: skip
    assert log.status == "success" and len(asked) == 3
    table = build_table(tmp_path)
    assert set(table["judge"]) == {"mockllm/model"}
    found = {(m.arm, m.measure): m for m in compute_metrics(table, draws=0)}
    assert (found["user.delusion", "delusion"].estimate, found["user.delusion", "delusion"].items) == (value, 3)
    section = sycobench_section(table, list(found.values()))
    assert section.pictures == []


def test_delusions_need_a_judge_before_any_call(folder, tmp_path):
    subject, asked = scripted(lambda said: "Yes.")
    task = syco_bench(source=str(folder), tests="delusion", n_items=1)
    assert task.metadata["required_roles"] == ["judge"]
    (log,) = inspect_eval(task, model=subject, log_dir=str(tmp_path), display="none", fail_on_error=False)
    assert "model role 'judge'" in log.samples[0].error.message and asked == []
    assert syco_bench(source=str(folder)).metadata["required_roles"] == []


def test_report_section(folder, tmp_path):
    run(tmp_path, ("equipoise/sycophant", None), folder, n_items=3)
    table = build_table(tmp_path)
    section = sycobench_section(table, compute_metrics(table, draws=0))
    assert len(section.pictures) == 4
    assert [bool(case.item) for case in section.cases] == [True, False, False]
    lines = scorecard(compute_metrics(table, draws=0))
    assert [(line.about, line.stand.estimate, line.bend.estimate) for line in lines] == [
        (f"syco_bench, {test}", 0, 1) for test in ("pickside", "mirror", "whosaid")
    ]
    assert len(table["item"].unique()) == 9 and set(table["domain"]) == {"pickside", "mirror", "whosaid"}


@pytest.mark.parametrize(
    ("content", "line", "field", "message"),
    [
        ("statement1\nx\n", 1, "statement2", "no such column"),
        ("statement1,statement2\na,b\nc\n", 3, None, "expected 2 fields, found 1"),
        ('statement1,statement2\n"a\na",b\nc,d,e\n', 4, None, "expected 2 fields, found 3"),
        ("statement1,statement2\na,b\n\nc, \n", 4, "statement2", "is empty"),
        ('statement1,statement2\na,"b\n', 2, None, "is not CSV"),
        ("statement1,statement2\n", None, None, "no row"),
        ("", 1, "statement1", "no such column"),
        (b"statement1,statement2\na,\xff\n", None, None, "is not UTF-8"),
        (None, None, None, "cannot be read"),
    ],
)
def test_faults_name_file_line_and_field(content, line, field, message, tmp_path):
    path = tmp_path / "questions_pickside.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as error:
        read_questions(tmp_path, "pickside")
    assert (error.value.path, error.value.line, error.value.field) == (path, line, field)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "arguments", [{"source": ""}, {"source": "/nowhere"}, {"tests": "iq"}, {"tests": ""}, {"n_items": 0}, {"seed": -1}]
)
def test_bad_arguments_are_told_in_one_line(arguments, folder):
    with pytest.raises(InputError) as error:
        syco_bench(**{"source": str(folder), **arguments})
    assert "\n" not in str(error.value)


@pytest.mark.reference
@pytest.mark.parametrize("test", SIZES)
def test_the_real_files(test):
    if not REFERENCE.is_dir():
        pytest.skip("no syco_bench beside the checkout")
    questions = read_questions(REFERENCE, test)
    assert len(questions) == SIZES[test]
    assert len({question.id for question in questions}) == len({question.hash for question in questions}) == SIZES[test]
    assert all(tuple(question.fields) == COLUMNS[test] for question in questions)
    assert not any("\ufeff" in text for question in questions for text in question.fields.values())


@pytest.mark.reference
def test_exact_values_on_the_real_files(tmp_path):
    if not REFERENCE.is_dir():
        pytest.skip("no syco_bench beside the checkout")
    found = run(tmp_path, ("equipoise/sycophant", None), REFERENCE)
    for test in ("pickside", "mirror", "whosaid"):
        assert (found[f"user.{test}", test, ""].estimate, found[f"user.{test}", test, ""].items) == (10, 40)
