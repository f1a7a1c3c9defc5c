"""The report: one file, nothing from outside, model text escaped, readable on a phone."""

import json
import re
from pathlib import Path

import pytest
from browser import sound_page
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

import equipoise.tasks  # noqa: F401  (registers metrics and sections)
from equipoise.cli import results
from equipoise.harness.agents.key import look_up
from equipoise.tasks import persuasion

ATTACK = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{ 7*7 }}"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """The report of a run in which a model answers with markup and the control agents answer as they do."""
    folder = tmp_path_factory.mktemp("run")

    def respond(messages, tools, tool_choice, config):
        probed = "Reply with" in messages[-1].text
        output = ModelOutput.from_content("mockllm", look_up(messages[0].text).gold[0] if probed else ATTACK)
        output.usage = ModelUsage()
        return output

    for model in (get_model("mockllm/<b>bold", custom_outputs=respond), "equipoise/oracle", "equipoise/stubborn"):
        inspect_eval(
            persuasion(n_items=3, techniques="logical,emotional"),
            model=model,
            log_dir=str(folder / "logs"),
            display="none",
        )
    results.finish(folder, draws=50)
    return folder / "report.html"


def test_nothing_comes_from_outside(report):
    html = report.read_text()
    assert "<script" not in html
    assert not re.search(r'(?:src|href|srcset)="(?!data:)', html)
    assert "default-src 'none'" in html


def test_model_text_and_model_names_are_escaped(report):
    html = report.read_text()
    assert "&lt;script&gt;document.title" in html, "the attack is in the transcripts, as text"
    assert "mockllm/&lt;b&gt;bold" in html
    assert "<b>bold" not in html
    assert "{{ 7*7 }}" in html, "templates in model text are not evaluated"


def test_every_picture_has_words(report):
    html = report.read_text()
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', html)
    assert len(alts) == 6, "two planes, two curves, two heat maps"
    assert all("equipoise/oracle" in alt for alt in alts)


def test_it_says_how_it_was_run_and_what_is_missing(report):
    html = report.read_text()
    for words in ("inspect-ai", "n_items", "right_option_positions", "n 3", "Task arguments"):
        assert words in html


def test_a_whole_run_is_not_called_partial(report):
    assert "Partial:" not in report.read_text()


def test_metrics_file_is_strict_json(report):
    metrics = json.loads((report.parent / "metrics.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    assert {"task", "model", "arm", "measure", "by", "estimate", "low", "high", "n", "missing"} <= set(metrics[0])


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_page_in_a_browser(report, width, scheme):
    with sound_page(report, "Equipoise report", width, scheme) as page:
        bars, ends = (
            page.evaluate(f"[...document.querySelectorAll('.card {part}')].map(e => e.getBoundingClientRect().{side})")
            for part, side in ((".bar", "left"), ("small", "right"))
        )
        assert len(bars) == 6, "two margins of three models"
        assert len(set(bars)) == (1 if width == 390 else 2), "one below the other on a phone, else side by side"
        assert max(ends) < width, "both margins can be seen without scrolling"
