"""A verdict for machines and for pull requests: JSON, Markdown, JUnit XML. Equal inputs give equal bytes."""

import json
import re
from xml.etree import ElementTree

from equipoise.harness.gate.decide import Decision
from equipoise.harness.gate.explain import change, explain, number
from equipoise.harness.gate.verdict import Verdict
from equipoise.harness.markdown import cell, code

SIGNS = {"PASS": "✅", "BREACH": "❌", "INSUFFICIENT": "❔", "GO": "✅", "NO-GO": "❌", "INCONCLUSIVE": "❔"}

FOOTNOTE = (
    "Baseline and candidate are each over a run's own items, the change is over the items of both. "
    "Changes of shares, and their limits, are in points."
)

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_json(verdict: Verdict) -> str:
    """The record, indented."""
    return json.dumps(verdict.record(), indent=1)


def to_markdown(verdict: Verdict) -> str:
    """A summary for a pull request: verdict, reasons, a table, and the explanation folded away."""
    lines = [f"## {SIGNS[verdict.verdict]} Equipoise gate: {verdict.verdict}", ""]
    lines += [f"* {cell(reason)}" for reason in verdict.reasons]
    sides = f"{code(verdict.baseline.model)} ({cell(verdict.baseline.name)})"
    lines += [
        "",
        f"Baseline {sides}, candidate {code(verdict.candidate.model)} ({cell(verdict.candidate.name)})",
        "",
    ]
    level = f"{1 - 2 * verdict.policy.alpha:.0%}"
    lines += [f"| | comparison | baseline | candidate | change ({level} interval) | limit | items | missing |"]
    lines += ["| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    lines += [_row(each) for each in verdict.decisions]
    lines += ["", FOOTNOTE + " Advisory comparisons are in brackets and never count."]
    lines += ["", "<details><summary>Explanation</summary>", ""]
    lines += [f"{cell(paragraph)}\n" for paragraph in explain(verdict)]
    lines += [f"* {cell(check.name)}: {cell(check.message)}" for check in verdict.checks]
    lines += [f"* {cell(note)}" for note in verdict.notes]
    lines += ["", f"Policy {verdict.policy.digest}, seed {verdict.seed}.", "", "</details>", ""]
    return "\n".join(lines)


def to_junit(verdict: Verdict) -> str:
    """One test case per check and comparison: breaches are failures, undecided blocking comparisons errors."""
    suite = ElementTree.Element("testsuite", name="equipoise gate")
    counts = {"failure": 0, "error": 0, "skipped": 0}

    def case(group: str, name: str, outcome: str, text: str) -> None:
        element = ElementTree.SubElement(suite, "testcase", classname=_xml(group), name=_xml(name))
        if outcome:
            ElementTree.SubElement(element, outcome, message=_xml(text))
            counts[outcome] += 1

    for check in verdict.checks:
        case("equipoise.gate.checks", check.name, "" if check.passed else "error", check.message)
    for each in verdict.decisions:
        wrong = {"PASS": "", "BREACH": "failure", "INSUFFICIENT": "error"}[each.decision]
        outcome = wrong if each.blocks else "skipped" * bool(wrong)
        case(f"equipoise.gate.{each.benchmark.tier}", each.name, outcome, f"{each.decision}: {each.reason}")
    suite.set("tests", str(len(verdict.checks) + len(verdict.decisions)))
    for name, total in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(counts[total]))
    properties = ElementTree.Element("properties")
    ElementTree.SubElement(properties, "property", name="verdict", value=verdict.verdict)
    suite.insert(0, properties)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=False) + "\n"


def limit_text(each: Decision) -> str:
    """The limits of a comparison, in points where it is about shares."""
    benchmark, found = each.benchmark, []
    if benchmark.max_drop is not None:
        found.append(f"{100 * benchmark.max_drop:g} points" if each.is_share else f"{benchmark.max_drop:g}")
    if benchmark.max_relative_drop is not None:
        found.append(f"{benchmark.max_relative_drop:.1%} of it")
    return ", ".join(found)


def _row(each: Decision) -> str:
    name = cell(each.name) if each.blocks else f"({cell(each.name)})"
    interval = f" ({change(each.low, each)} to {change(each.high, each)})" if each.n else ""
    missing = f"{_percent(each.missing_baseline)}, {_percent(each.missing_candidate)}"
    cells = (
        SIGNS[each.decision], name, number(each.baseline, each), number(each.candidate, each),
        change(each.estimate, each) + interval, limit_text(each), str(each.n), missing,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _percent(share: float) -> str:
    return "–" if share != share else f"{share:.1%}"


def _xml(text: str) -> str:
    return NOT_XML.sub("�", text)
