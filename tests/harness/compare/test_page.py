"""The page of a comparison: one file, nothing from outside, model text escaped, both transcripts beside each other."""

import html
import re
from pathlib import Path

import pytest
from browser import sound_page
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from paired_tables import NAN, persuasion_rows, rows, side

import equipoise.tasks  # noqa: F401  (registers metrics and margins)
from equipoise.harness.agents.key import look_up
from equipoise.harness.compare import Adjusted, Compared, compare, dialogues, one_model
from equipoise.harness.compare import page as page_module
from equipoise.harness.compare.comparison import Comparison
from equipoise.harness.compare.moved import Moved, MovedMost, Place
from equipoise.harness.compare.page import write_comparison
from equipoise.harness.report import theme
from equipoise.harness.table import build_table
from equipoise.harness.transcripts import Line
from equipoise.tasks import persuasion

ATTACK = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{ 7*7 }} \u202edetrevni"


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The oracle compared with a model that talks in markup and keeps what it knows."""
    logs = tmp_path_factory.mktemp("run") / "logs"

    def respond(messages, tools, tool_choice, config):
        probed = "Reply with" in messages[-1].text
        output = ModelOutput.from_content("mockllm", look_up(messages[0].text).gold[0] if probed else ATTACK)
        output.usage = ModelUsage()
        return output

    for model in ("equipoise/oracle", get_model("mockllm/<b>bold", custom_outputs=respond)):
        inspect_eval(persuasion(n_items=3), model=model, log_dir=str(logs), display="none")
    table = build_table(logs)
    base, other = (one_model(table, "runs/x", name, logs) for name in ("equipoise/oracle", "mockllm/<b>bold"))
    target = logs.parent / "compare.html"
    write_comparison(compare(base, other), target)
    return target


@pytest.fixture
def undrawn(monkeypatch):
    """No pictures, which take seconds."""
    monkeypatch.setattr(theme, "_uri", lambda draw, style: "data:,")


def text_of(compared: Compared, folder: Path, most: int = 3) -> str:
    write_comparison(compared, folder / "page.html", most)
    return (folder / "page.html").read_text(encoding="utf-8")


def test_nothing_comes_from_outside(page):
    text = page.read_text()
    assert "<script" not in text and "default-src 'none'" in text
    assert not re.search(r'(?:src|srcset)="(?!data:)', text) and not re.search(r'href="(?!#)', text)


def test_names_are_escaped_and_pictures_have_words(page):
    text = page.read_text()
    assert "mockllm/&lt;b&gt;bold" in text and "<b>bold" not in text
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', text)
    assert len(alts) >= 2 and all("candidate minus baseline" in alt for alt in alts)


def test_it_says_where_the_numbers_come_from(page):
    text = page.read_text()
    for words in ("inspect-ai", "hash of the items", "task version", "runs/x", "differs", "This page gives no verdict"):
        assert words in text


def test_both_dialogues_once_and_links_to_them(undrawn, tmp_path, monkeypatch):
    asked = []

    def read(logs, log, item, arm, epoch):
        asked.append((log, item, arm))
        said = f"{ATTACK} \ud800" if log == "b" else "I stay."
        return [Line("subject", 1, said), Line("probe", 1, said, "target")]

    monkeypatch.setattr(dialogues, "read_dialogue", read)
    monkeypatch.setattr(page_module, "log_records", lambda logs: {})
    monkeypatch.setattr(page_module, "unfinished", lambda logs: ["t on lab/model: 1 of 3 samples", "t on lab/other: 0"])
    one, other = persuasion_rows([1, 1, 1], [1, 1, 1]), persuasion_rows([0, 1, 1], [1, 1, 1])
    text = text_of(
        compare(side(one.assign(log="a"), logs=tmp_path), side(other.assign(log="b"), name="new", logs=tmp_path)),
        tmp_path,
    )
    assert "candidate: t on lab/model: 1 of 3 samples" in text and "lab/other" not in text
    where = "q00000", "negative.logical.seeded"
    assert asked == [("a", *where), ("b", *where)], "each once, although two metrics moved on the item"
    assert text.count("I stay.") == 2 and text.index("I stay.") < text.index("detrevni"), "baseline first"
    assert html.escape(ATTACK, quote=False).split("=")[0] in text and "<script" not in text and "{{ 7*7 }}" in text
    (anchor,) = re.findall(r'<details id="([^"]+)"', text)
    assert f'href="#{anchor}"' in text, "the other metric points at it"


def test_dialogues_are_read_for_margins_or_where_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setattr(dialogues, "read_dialogue", lambda *place: [Line("subject", 1, "said")])
    run = side(rows([1]), logs=tmp_path)

    def found(margin: str, item: str) -> MovedMost:
        comparison = Comparison("t", "arm", "measure", "", margin, True, 1, 0)
        return MovedMost(
            comparison, (Moved(item, 1, 0, -1, (Place("a", "arm", 1), Place("b", "arm", 1))),), (), 1, 0, 0
        )

    def anchors(*chosen: MovedMost) -> list[str]:
        shown = dialogues.with_dialogues(chosen, (run, run), "t")
        return [transcript.anchor for items in shown for transcript in items.transcripts]

    assert anchors(found("stands: x", "q0"), found("", "q1")) == ["t-0", ""]
    assert anchors(found("", "q0"), found("", "q1"), found("", "q0")) == ["t-0", "t-1", "t-0"]


def test_without_logs_the_items_are_told_all_the_same(undrawn, tmp_path):
    text = text_of(compare(side(persuasion_rows([1, 1], [1, 1])), side(persuasion_rows([0, 1], [1, 1]))), tmp_path)
    assert "There are no transcripts" in text and "<bdi>q00000</bdi>: 1.000 → 0.000 (−1.000)" in text
    assert "<details id" not in text


def test_at_most_so_many_items(undrawn, tmp_path):
    compared = compare(side(persuasion_rows([1] * 9, [1] * 9)), side(persuasion_rows([0] * 9, [1] * 9)))
    assert [text_of(compared, tmp_path, most).count("1.000 → 0.000 (−1.000)") for most in (2, 4)] == [2, 4]


def test_what_was_not_compared_comes_before_the_numbers(undrawn, tmp_path):
    one = [persuasion_rows([1, 1, 1], [1, 1, 1]), rows([1, 0], task="t/gone").assign(turn=0)]
    one.append(rows([1], task="t/new", version="1-A").assign(turn=0))
    other = [persuasion_rows([1, 1], [NAN, NAN]), rows([1], task="t/new", version="2-A").assign(turn=0)]
    text = html.unescape(text_of(compare(side(*one), side(*other, name="new")), tmp_path))
    for words in (
        "gone: the candidate was not run on it",
        "new: the task's version is 1-A in the baseline and 2-A in the candidate",
        "1 that the candidate was not asked: missing answers of the candidate",
        "accept (positive.logical.seeded, turn=4): no item has a value in both runs",
    ):
        assert 0 < text.index(words) < text.index("Headline metrics of"), words


def test_adjusted_differences_with_what_must_be_known(undrawn, tmp_path):
    compared = compare(side(persuasion_rows([1, 1], [1, 1])), side(persuasion_rows([1, 1], [1, 1])))
    task, nan = "equipoise/persuasion", float("nan")
    compared.adjusted.extend(
        [
            Adjusted(task, "tact", -1.25, 0.5, -2.23, -0.27, 0.012, 3, warnings=("too few <votes>",)),
            Adjusted(task, "tone", nan, nan, nan, nan, nan, 0, reason="no judge voted on both models"),
        ]
    )
    text = text_of(compared, tmp_path)
    assert "−1.250" in text and "−2.230…−0.270" in text and "tact: too few &lt;votes&gt;" in text
    assert "tone without severity: no judge voted on both models" in text


def test_nothing_in_common_is_a_page_too(undrawn, tmp_path):
    text = text_of(compare(side(rows([1], task="t/a")), side(rows([1], task="t/b"))), tmp_path)
    assert "No headline metric could be compared." in text and "the baseline was not run on it" in text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_page_in_a_browser(page, width, scheme):
    with sound_page(page, "Equipoise comparison", width, scheme) as opened:
        tops = opened.evaluate(
            "[...document.querySelector('details[open] .two').children].map(e => e.getBoundingClientRect().top)"
        )
        assert len(tops) == 2 and (tops[0] == tops[1]) is (width == 1280), "side by side, stacked on a phone"
