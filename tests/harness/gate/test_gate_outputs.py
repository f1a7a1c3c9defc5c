"""What a verdict looks like to people and machines, also where names are hostile."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from paired_tables import NAN, TASK, rows, side

from equipoise.harness.gate import Benchmark, Policy, explain, gate
from equipoise.harness.gate.explain import items_to_settle
from equipoise.harness.gate.outputs import to_json, to_junit, to_markdown

HOSTILE = "<script>alert(1)</script>|`x`\n# **@someone** [a](http://b)\x1b[31m\x00"


def verdict(one, other, task=TASK, arms=("",), name="run", **limit):
    given = Policy(benchmarks=[Benchmark(name=task, metric="score", **(limit or {"max_drop": 0.05}))])
    sides = [side(*(rows(values, task=task, arm=arm) for arm in arms), name=name) for values in (one, other)]
    return gate(*sides, given)


@pytest.fixture(params=["GO", "NO-GO", "INCONCLUSIVE"])
def each(request):
    n = 30 if request.param == "INCONCLUSIVE" else 300
    other = np.zeros(n) if request.param == "NO-GO" else np.ones(n)
    found = verdict(np.ones(n), other)
    assert found.verdict == request.param
    return found


def test_json_has_the_promised_fields(each):
    record = json.loads(to_json(each), parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))
    assert record["verdict"] == each.verdict and record["exit_code"] == each.exit_code
    (measured,) = record["measures"]
    assert {"estimate", "low", "high", "n", "missing", "decision", "reason"} <= set(measured)


def test_every_verdict_and_comparison_is_explained(each):
    paragraphs = explain(each)
    assert paragraphs[0].startswith(each.verdict)
    decided = each.decisions[0]
    about = next(p for p in paragraphs if p.startswith(decided.name))
    assert decided.decision in about and decided.reason in about and f"{decided.n} shared items" in about
    if each.verdict != "GO":
        assert "Next:" in paragraphs[-1]


def test_undecided_comparisons_name_the_items_that_would_settle_them():
    found = verdict(np.ones(30), np.ones(30))
    needed = items_to_settle(found.decisions[0], 0.025)
    assert f"About {needed} items" in " ".join(explain(found))
    assert verdict(np.ones(needed), np.ones(needed)).verdict == "GO"


def test_no_number_of_items_settles_a_limit_of_nothing():
    found = verdict(np.ones(30), np.ones(30), max_drop=0.0)
    assert items_to_settle(found.decisions[0], 0.025) is None


def test_failed_checks_come_first_in_the_explanation(each):
    broken = replace(each, checks=(replace(each.checks[0], passed=False, message="cut off"), *each.checks[1:]))
    assert "settle the checks first" in explain(broken)[-2] and "goes on" in explain(broken)[-1]


def test_markdown_is_one_table_and_inert():
    found = verdict(np.ones(300), np.zeros(300), task=HOSTILE, arms=(HOSTILE,), name=HOSTILE)
    text = to_markdown(found)
    assert "<script>" not in text and "\\@someone" in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 3 and {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {9}
    assert not any(line.startswith("# ") for line in text.splitlines())


def test_junit_is_xml_with_one_case_per_check_and_comparison(each):
    suite = ElementTree.fromstring(to_junit(each))
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests")) == len(each.checks) + len(each.decisions)
    wanted = {"GO": (0, 0), "NO-GO": (1, 0), "INCONCLUSIVE": (0, 1)}[each.verdict]
    assert (int(suite.get("failures")), int(suite.get("errors"))) == wanted
    assert (len(suite.findall(".//failure")), len(suite.findall(".//error"))) == wanted


def test_junit_survives_hostile_names():
    found = verdict(np.ones(300), np.zeros(300), task=HOSTILE, arms=(HOSTILE,), name=HOSTILE)
    suite = ElementTree.fromstring(to_junit(found).encode("utf-8"))
    assert suite.find(".//failure") is not None


def test_values_that_are_no_shares_are_not_told_in_percent():
    one = np.tile([1.0, 3, 5, 4], 50)
    found = verdict(one, one + np.tile([0.1, -0.1], 100), max_drop=0.5)
    assert found.decisions[0].decision == "PASS" and "Baseline 3.25, candidate 3.25" in " ".join(explain(found))
    assert "points" not in found.decisions[0].reason


def test_missing_rows_are_explained_by_cause():
    lost = np.ones(300)
    lost[:30] = NAN
    assert "candidate 30 unparsed" in " ".join(explain(verdict(np.ones(300), lost)))
