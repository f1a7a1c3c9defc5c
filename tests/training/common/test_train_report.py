"""The report of a training, from whole, partial, broken and hostile folders."""

import json
import math
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from browser import sound_page
from training.common.histories import PLAN, dev, folder, history, slim

from equipoise.training.common.card import write_model_card
from equipoise.training.common.record import flat, read_record
from equipoise.training.common.report import commands, dev_table, write_training_report


def page(out: Path) -> str:
    return write_training_report(out).read_text(encoding="utf-8")


def alts(html: str) -> list[str]:
    return re.findall(r'alt="([^"]*)"', html)


def test_a_finished_training(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "summary.json").write_text(json.dumps({"trees": 12, "places": [{"turn": 0, "right": 7}]}), encoding="utf-8")
    out = folder(tmp_path / "out", data={**PLAN["data"], "path": str(data)}, settings={"dpo": {"beta": 0.1}})
    (out / "model").mkdir()
    html = page(out)
    assert "Partial" not in html and "<script" not in html and "default-src 'none'" in html
    told = {alt.split(".")[0].split("; ")[0]: alt for alt in alts(html)}
    assert list(told) == [
        "Take against give", "Dev check by epoch", "SFT: loss", "SFT: learning rate", "SFT: gradient norm",
        "SFT: step time", "DPO: loss", "DPO: rewards and their margin", "DPO: reward accuracy", "DPO: learning rate",
        "DPO: gradient norm", "DPO: step time",
    ]  # fmt: skip
    assert "from 0.6931 at step 1" in told["DPO: loss"] and "log 2: 0.6931" in told["DPO: loss"]
    assert "log 2" not in told["SFT: loss"]
    assert "SFT epoch 0 at 0.4, 0.6 (start)" in told["Take against give"]
    assert "DPO epoch 2 at 0.6, 0.65 (chosen checkpoint)" in told["Take against give"]
    assert told["Take against give"].count("chosen checkpoint") == 1
    for text in ("owner/base a1b2c3", "360 train, 78 dev", "180 train give", "places.1.right", "dpo.beta"):
        assert text in html
    assert "equipoise run standard --model hf/owner/base -o runs/base\n" in html
    assert "chosen on these numbers" in html
    assert "no trained model" not in html


def test_the_dev_table_has_intervals_and_counts(tmp_path: Path) -> None:
    table = dev_table(read_record(folder(tmp_path)))
    assert table is not None
    assert table.headings[:7] == ["stage", "epoch", "step", "give", "95 % interval", "prompts", "take"]
    assert table.rows[0] == ["SFT", "0", "0", "0.40", "0.26 … 0.55", "40", "0.60", "0.44 … 0.74", "35", "0.50", "3",
                             "start"]  # fmt: skip
    assert [row[:3] for row in table.rows if row[-1] == "chosen"] == [["DPO", "2", "20"]]


def test_a_training_that_was_cut_off(tmp_path: Path) -> None:
    html = page(folder(tmp_path, history()[:5], '{"stage": "sft", "st', finished=None, chosen_checkpoint=None))
    assert "not finished" in html and "1 of 6 lines of history.jsonl cannot be read" in html
    assert "no trained model" in html and "chosen on these numbers" not in html
    assert [alt.split(".")[0] for alt in alts(html)][2:] == [
        "SFT: loss", "SFT: learning rate", "SFT: gradient norm", "SFT: step time",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [None, "", "[]", "{", "\x00", "null"])
def test_without_plan_or_history(tmp_path: Path, content: str | None) -> None:
    for name in ("plan.json", "history.jsonl"):
        if content is not None:
            (tmp_path / name).write_text(content, encoding="utf-8")
    html = page(tmp_path)
    assert "Partial" in html and "history.jsonl" in html and "There is none." in html
    assert not alts(html)
    assert ("plan.json is not there" in html) is (content is None)


def test_numbers_that_are_none_are_left_out_and_said(tmp_path: Path) -> None:
    rows = slim(history(0))
    rows[3]["loss"], rows[4]["loss"], rows[5]["loss"] = math.nan, None, math.inf
    html = page(folder(tmp_path, rows))
    (told,) = alts(html)
    assert told.startswith("SFT: loss. loss from 2.9 ") and "nan" not in told and "inf" not in told
    assert "3 values that are no finite number are left out" in html


def test_a_stage_without_one_finite_number_has_no_picture(tmp_path: Path) -> None:
    rows = [{**row, "loss": math.nan} for row in slim(history(0))]
    assert not alts(page(folder(tmp_path, rows)))


def test_a_dev_check_that_read_nothing(tmp_path: Path) -> None:
    html = page(folder(tmp_path, [dev("sft", 0, None, None), dev("sft", 10, 0.5, None)]))
    assert [alt.split(".")[0] for alt in alts(html)] == ["Dev check by epoch"]
    assert "–" in html


def test_a_checkpoint_that_no_score_chose_is_said_to_be_the_last(tmp_path: Path) -> None:
    rows = [{**row, "balanced": None} if row["kind"] == "dev" else row for row in history()]
    out = folder(tmp_path, [row for row in rows if row["kind"] == "dev"], chosen_checkpoint="dpo/checkpoint-30")
    html = page(out)
    assert "the last checkpoint was taken" in html and "chosen on these numbers" not in html
    assert "flatter" not in write_model_card(out).read_text(encoding="utf-8")


def test_equal_best_scores_are_told(tmp_path: Path) -> None:
    rows = [dev("dpo", 0, 0.9, 0.9), dev("dpo", 10, 0.6, 0.8), dev("dpo", 20, 0.8, 0.6), dev("dpo", 30, 0.1, 0.1)]
    note = "2 dev checks share the best score: the earliest checkpoint was taken"
    assert note in page(folder(tmp_path / "equal", rows, chosen_checkpoint="dpo/checkpoint-10"))
    assert "share the best score" not in page(folder(tmp_path / "one", chosen_checkpoint="dpo/checkpoint-30"))


def test_a_repeated_step_counts_once_with_its_last_numbers(tmp_path: Path) -> None:
    again = {**dev("sft", 10, 1.0, 1.0)}
    record = read_record(folder(tmp_path, [*history(1), again]))
    assert [line.get("give") for line in record.of("dev", "sft")] == [0.4, 1.0, 0.5]


def test_hostile_names_are_text(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    rows = [{**row, "stage": bad, f"{bad}_x": 1.0} for row in [dev("", 0, 0.5, 0.5), *slim(history(0))]]
    html = page(folder(tmp_path, rows, model=f"{bad}\n", arm='"><img src=x>', settings={bad: bad}, data={"path": bad}))
    assert "<script" not in html and "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_commands_survive_a_shell(tmp_path: Path) -> None:
    told = commands(read_record(folder(tmp_path, model="a b'; rm -rf ~ #\n`x`")))
    assert not any("\n" in command for command in told)
    assert """'hf/a b'"'"'; rm -rf ~ #�`x`'""" in told[0]


def test_every_arm_and_seed_is_measured_in_a_run_of_its_own(tmp_path: Path) -> None:
    told = commands(read_record(folder(tmp_path, arm="take/../it", seed=7, measure="persuasion")))
    model = tmp_path / "model"
    assert told == [
        "equipoise run persuasion --model hf/owner/base -o runs/base",
        f"equipoise run persuasion --model hf/{model} -o runs/base-take-..-it-seed7",
        "equipoise compare runs/base runs/base-take-..-it-seed7 --html compare-base-take-..-it-seed7.html",
    ]


def test_long_histories_are_thinned_in_the_table_alone(tmp_path: Path) -> None:
    rows = [{"stage": "sft", "step": step, "epoch": step / 99, "kind": "train", "loss": 1.0} for step in range(1, 500)]
    html = page(folder(tmp_path, rows))
    assert "of 499 rows)" in html and '<td class="num">499</td>' in html
    assert html.count("<tr>") < 100


def test_nested_values_as_one_level() -> None:
    assert flat({"a": {"b": 1, "c": {}}, "d": [{"e": None}, {"e": "x"}], "f": [1]}) == {
        "a.b": "1", "a.c": "{}", "d.1.e": "null", "d.2.e": "x", "f": "[1]",
    }  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_in_a_browser(tmp_path: Path, width: int, scheme: str) -> None:
    long = "owner/" + "very-long-name-of-a-model-" * 5
    rows = [dev("sft", 0, 0.5, 0.5), *slim(history(1))]
    path = write_training_report(folder(tmp_path, rows, model=long, settings={"a" * 90: "b" * 300}))
    with sound_page(path, "Equipoise training report", width, scheme) as opened:
        opened.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert opened.evaluate("document.documentElement.scrollWidth") == width
        assert faults(opened) == []


def faults(opened: Any) -> list[tuple[str, str]]:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    opened.evaluate(axe)  # a script tag would be against the page's own policy
    result = opened.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
    return [(fault["id"], fault["nodes"][0]["html"][:150]) for fault in result["violations"]]
