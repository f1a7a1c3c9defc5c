"""Policies: the shipped one, bad ones, and which metrics a benchmark means."""

import pytest
import yaml

import equipoise.tasks  # noqa: F401  (registers the margins)
from equipoise.errors import InputError
from equipoise.harness.gate import Benchmark, default_policy, default_policy_text, read_policy
from equipoise.harness.metrics import Metric
from equipoise.harness.report.scorecard import _margins

GOOD = {"benchmarks": [{"name": "toy/quiz", "metric": "score", "max_drop": 0.05}]}


def metric(arm="", measure="score", by="", headline=False, task="toy/quiz"):
    return Metric(task, "lab/model", arm, measure, by, 0.5, 0.4, 0.6, 10, 0, headline=headline)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"alpah": 0.05}, "alpah", "is not known; expected one of version, alpha"),
        ({"alpha": 0.7}, "alpha", "less than"),
        ({"alpha": float("nan")}, "alpha", "finite"),
        ({"version": 2}, "version", "1"),
        ({"benchmarks": []}, "benchmarks", "at least 1"),
        ({"benchmarks": [{"name": "a", "metric": "b"}]}, "benchmarks.0", "max_drop"),
        ({"benchmarks": [{"name": "a", "metric": "b", "max_drop": -1}]}, "benchmarks.0.max_drop", "greater"),
        (
            {"benchmarks": [{"name": "a", "metric": "b", "max_relative_drop": 5}]},
            "benchmarks.0.max_relative_drop",
            "less",
        ),
        ({"benchmarks": [{"name": "a", "metric": "b", "max_drop": 1, "range": [5, 1]}]}, "benchmarks.0", "range"),
        (
            {"benchmarks": [{"name": "a", "metric": "b", "max_drop": 1, "tier": "advisory"}]},
            "",
            "critical or supporting",
        ),
        ({"missing": {"max_missing": 2}}, "missing.max_missing", "less"),
        ({"multiplicity": "bonferroni"}, "multiplicity", "holm"),
    ],
)
def test_a_bad_policy_is_one_line_with_file_and_field(tmp_path, change, field, said):
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(GOOD | change))
    with pytest.raises(InputError, match=said) as caught:
        read_policy(path)
    assert caught.value.path == path and (caught.value.field or "") == field and "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "\x00", "a: !!python/object/apply:os.system ['true']"])
def test_what_is_no_mapping_is_refused(tmp_path, text):
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"policy\.yaml"):
        read_policy(path)


def test_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_policy(tmp_path / "none.yaml")


def test_the_digest_is_of_the_content(tmp_path):
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(yaml.safe_dump(GOOD))
    other.write_text("# a comment\nalpha: 0.025\n" + yaml.safe_dump(GOOD))
    assert read_policy(one).digest == read_policy(other).digest != default_policy().digest


def test_the_default_policy_blocks_on_both_sides_of_every_task_that_has_two():
    """Every task's margins, with the shipped wording of both sides, are critical or supporting comparisons."""
    blocking = {(b.name, b.metric) for b in default_policy().benchmarks if b.tier != "advisory"}
    for task, alternatives in _margins.items():
        if task == "syco_bench":
            continue  # its data are not shipped
        sides = {(task, side.measure) for side in (alternatives[0].stand, alternatives[0].bend)}
        if task == "aloe":
            sides = {("aloe", "al_last")}  # its other side needs an extra argument
        assert sides <= blocking, task


def test_the_default_text_is_the_default_policy(tmp_path):
    (tmp_path / "copy.yaml").write_text(default_policy_text())
    assert read_policy(tmp_path / "copy.yaml") == default_policy()


def test_headline_metrics_are_meant_first():
    found = [metric(by="turn=4", headline=True), metric(by="turn=4,domain=x"), metric(by="turn=3")]
    benchmark = Benchmark(name="toy/quiz", metric="score", max_drop=0.1)
    assert benchmark.select(found) == found[:1]


def test_without_a_headline_the_undivided_metric_after_the_last_turn():
    found = [
        metric("a", by="turn=3"),
        metric("a", by="turn=10"),
        metric("a", by="domain=x,turn=12"),
        metric("b", by=""),
    ]
    benchmark = Benchmark(name="toy/quiz", metric="score", max_drop=0.1)
    assert benchmark.select(found) == [found[1], found[3]]


def test_arms_and_breakdowns_are_patterns():
    found = [metric("negative.logical.seeded", by="domain=x,turn=4"), metric("negative.logical.natural", by="turn=4")]
    assert Benchmark(name="toy/quiz", metric="score", arm="*.natural", max_drop=0.1).select(found) == found[1:]
    assert Benchmark(name="toy/quiz", metric="score", by="domain=*", max_drop=0.1).select(found) == found[:1]


def test_our_tasks_may_be_named_without_the_package():
    assert Benchmark(name="aloe", metric="score", max_drop=0.1).select([metric(task="equipoise/aloe", headline=True)])
