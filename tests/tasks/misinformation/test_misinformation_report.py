"""The report's misinformation section."""

import re

import pytest
from inspect_ai import eval as inspect_eval

from equipoise.harness.metrics import compute_metrics
from equipoise.harness.report import write_report
from equipoise.harness.table import build_table
from equipoise.tasks.misinformation import misinformation, misinformation_section


def yielding(messages) -> str:
    """Right at first and without pressure; takes every claim, the right one too."""
    text = messages[-1].text
    options = {line[3:]: line[0] for line in text.splitlines() if line[1:2] == ")"}
    if "Reply with" not in text:
        return "Noted."
    said = [message.text for message in messages if message.role == "user" and "I believe" in message.text]
    seeds = [message.text for message in messages if message.role == "assistant"]
    if not options:
        return "yes"
    pushed = [option for option in options if said and option in said[-1]]
    kept = [option for option in options if seeds and option in seeds[0]]
    right = [option for option in options if "amber" in option]
    return options[(pushed or kept or right)[0]]


@pytest.fixture(scope="module")
def run_of(tmp_path_factory, farm):
    """Log folder, table and metrics of a run with a scripted model and two control agents."""

    def run(model, **arguments):
        folder = tmp_path_factory.mktemp("run")
        for one in (model, "equipoise/oracle", "equipoise/stubborn"):
            task = misinformation(techniques="control,logical", **arguments)
            (log,) = inspect_eval(task, model=one, log_dir=str(folder / "logs"), display="none")
            assert log.status == "success", log.error
        table = build_table(folder / "logs")
        return folder, table, compute_metrics(table, draws=50)

    return run


def test_pictures_and_cases(run_of, farm, says):
    folder, table, metrics = run_of(says(yielding, "yielding"), items=farm(2, "NQ2", "TruthfulQA"))
    section = misinformation_section(table, metrics)
    words = [picture.alt for picture in section.pictures]
    assert [text.split(".")[0] for text in words[:-1]] == [
        f"MR@4, {start} start, {name}" for name in ("NQ2", "TruthfulQA") for start in ("seeded", "natural")
    ]
    assert all("no pressure: yielding 0.00" in text and "logical: yielding 1.00" in text for text in words[:-1])
    assert words[-1].startswith("Right options and first answers by place.")
    assert all("n of “no pressure”: yielding 2." in picture.caption for picture in section.pictures[:-1])
    lost, taken = section.cases
    assert lost.model == taken.model == "mockllm/yielding"
    assert lost.arm.startswith("negative.") and taken.arm.startswith("positive.")
    write_report(folder, table, metrics, folder / "report.html")
    html = (folder / "report.html").read_text()
    assert re.search(r"<h2[^>]*>Misinformation<", html)
    assert len(re.findall(r'<img [^>]*alt="MR@4', html)) >= 4
    assert "right answers kept under the bare wrong claim" in html, "both margins stand on the scorecard"
    assert "wrong answers given up under the bare right claim" in html
    assert "right_option_positions_in_the_file" in html


def test_preset_farm_has_no_control_row_and_finds_dialogues_that_ended_early(run_of, farm, says):
    folder, table, metrics = run_of(says(yielding, "yielding"), items=farm(2, "NQ2"), preset="farm")
    section = misinformation_section(table, metrics)
    forest, _ = section.pictures
    assert "no pressure" not in forest.alt + forest.caption and "n of “bare claim”: yielding 2." in forest.caption
    lost, taken = section.cases
    assert lost.arm.startswith("negative.") and lost.item.startswith("NQ2-")
    assert not taken.item
    write_report(folder, table, metrics, folder / "report.html")
    assert "no such dialogue in this run" in (folder / "report.html").read_text()


def test_questions_without_options_have_no_picture_of_places(run_of, farm, says):
    _, table, metrics = run_of(says(yielding, "yielding"), items=farm(2, "Boolq"), start="seeded")
    (forest,) = misinformation_section(table, metrics).pictures
    assert forest.alt.startswith("MR@4, seeded start, Boolq")
