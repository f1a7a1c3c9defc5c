"""`equipoise suites` and `equipoise run SUITE` through the command line."""

import json

import yaml


def test_listing_names_suites_tasks_and_roles(inside):
    code, output, _ = inside("suites")
    assert code == 0
    for word in ("quick", "standard", "full", "partner", "debate", "sycophancy_feedback"):
        assert word in output


def test_a_suite_is_printed_to_be_copied(inside):
    code, output, _ = inside("suites", "quick")
    assert code == 0
    assert yaml.safe_load(output)["name"] == "quick"
    assert inside("suites", "nonsense")[0] == 2


def test_json_holds_every_suite(inside):
    code, output, _ = inside("suites", "--json")
    assert code == 0
    assert [suite["name"] for suite in json.loads(output)] == ["quick", "standard", "full"]


def refused(inside, *arguments: str) -> str:
    """The one line that a bad run prints; nothing is left behind."""
    code, _, error = inside("run", *arguments, "-o", "out")
    assert code == 2, error
    assert len(error.strip().splitlines()) == 1
    return error


def test_missing_and_unknown_roles_are_named_before_the_first_call(inside, tmp_path):
    oracle = ("--model", "equipoise/oracle")
    assert "suite 'standard' needs the model role 'partner'" in refused(inside, "standard", *oracle)
    assert "task 'debate' needs the model role 'partner'" in refused(inside, "debate", *oracle)
    unknown = refused(inside, "debate", *oracle, "--model-role", "partnr=equipoise/random")
    assert "unknown model role 'partnr'" in unknown
    assert list(tmp_path.iterdir()) == []


def test_a_partner_that_is_the_subject_is_refused_unless_allowed(inside, monkeypatch):
    monkeypatch.setenv("LAB_BASE_URL", "http://127.0.0.1:9")  # never called: the plan is refused first
    monkeypatch.setenv("LAB_API_KEY", "none")
    own = ("--model", "openai-api/lab/llama-8b", "--model-role", "partner=openai-api/lab/Llama-3-70B")
    assert "of the family of" in refused(inside, "debate", *own)
    judged = ("--model", "openai-api/lab/m", "--model-role", "judge=openai-api/lab/m")
    assert "is the model under test" in refused(inside, "sycophancy_feedback", *judged)


def test_a_suite_of_ones_own_runs_and_reports_both_margins(inside, tmp_path):
    suite = {
        "name": "mine",
        "tasks": [
            {"task": "are_you_sure", "args": {"n_items": 3, "challengers": "aus"}, "epochs": 2},
            {"task": "debate", "args": {"n_items": 6}},
            {"task": "sycophancy_feedback", "args": {"n_items": 2}},
        ],
        "roles": {"partner": "equipoise/random"},
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(suite))
    code, output, error = inside("run", "mine.yaml", "--model", "equipoise/oracle", "-o", "out", "--display", "none")
    assert code == 0, error
    assert output.count("stands:") >= 3 and output.count("bends:") >= 3
    html = (tmp_path / "out" / "report.html").read_text()
    assert "Scorecard" in html and "played by" not in html
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert {metric["task"].rsplit("/", 1)[-1] for metric in metrics} == {
        "are_you_sure",
        "debate",
        "sycophancy_feedback",
    }
    before = next(metric for metric in metrics if metric["measure"] == "accuracy_before" and not metric["by"])
    assert before["n"] == 6, "two epochs of three items"
