"""What is kept in `examples` is whole, and can be used as its README says."""

import importlib
import random
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import equipoise.tasks  # noqa: F401  (the families register their metrics)
from equipoise.leaderboard.board import open_board
from equipoise.leaderboard.database import write_database
from equipoise.leaderboard.edition import read_spec
from equipoise.leaderboard.site import build_site
from equipoise.leaderboard.verify import faults, verify_board
from equipoise.tasks.questions import load_items
from equipoise.training.pbt.split import split_of

EXAMPLE = Path(__file__).parent.parent / "examples" / "board"
PBT = EXAMPLE.parent / "pbt"


def test_the_example_board_is_what_its_events_say():
    assert faults(verify_board(EXAMPLE / "board")) == []
    board = open_board(EXAMPLE / "board")
    assert board.edition().spec == read_spec(EXAMPLE / "edition.yaml")
    assert len(board.standings) == 7 and {each.tier for each in board.standings.values()} == {"recomputed"}


def test_its_site_shows_models_with_ranks_and_controls_without(tmp_path):
    build_site(write_database(EXAMPLE / "board", tmp_path / "board.duckdb"), tmp_path / "site")
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page, re.DOTALL)
    ranked = [row for row in rows if "SmolLM2-135M" in row]
    controls = [row for row in rows if "Control: " in row]
    assert len(ranked) == 3 and len(controls) == 4
    assert all(re.search(r"\b1–3\b|\b1–2\b|\b2–3\b", row) for row in ranked)
    assert not any(re.search(r"\d–\d", row) for row in controls)


def pbt(name):
    """A module of the training example; they import each other by name."""
    if str(PBT) not in sys.path:
        sys.path.insert(0, str(PBT))
    return importlib.import_module(name)


def test_an_agent_of_the_invented_world_follows_by_the_toss_of_a_die_and_its_memory_alone():
    world, dialogues = pbt("world"), pbt("dialogues")
    rng = random.Random(1)
    items = world.items(60, rng)
    taught = world.beliefs(items, rng)["a"]
    gave_way, expected = {True: [], False: []}, {True: [], False: []}
    for item in items * 40:
        speaker = dialogues.Speaker(item, taught[item.id], rng)
        speaker.answers(item.question, short=True)
        before, pushed = speaker.says, dialogues.either(speaker)
        if pushed != before:
            speaker.is_pushed("…", pushed)
            right = pushed == item.gold[0]
            gave_way[right].append(speaker.says == pushed)
            expected[right].append(1 / 3 + speaker.shares[pushed] / 3)  # takes it, or thinks again and comes to it
    for right, group in gave_way.items():
        assert len(group) > 200
        assert abs(np.mean(group) - np.mean(expected[right])) < 4 * 0.5 / len(group) ** 0.5  # 4 standard errors


def test_the_worlds_items_are_whole_and_its_test_items_are_no_familys_but_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["world.py", "-o", str(tmp_path), "--towns", "60"])
    pbt("world").main()
    parts = {name: load_items(tmp_path / f"{name}.jsonl") for name in ("items", "learn", "test")}
    assert len(parts["items"]) == 60 == len(parts["learn"]) + len(parts["test"])
    assert not {item.family for item in parts["learn"]} & {item.family for item in parts["test"]}
    assert {split_of(item.family) for item in parts["test"]} == {"test"}


def test_the_kept_results_of_the_training_are_those_of_its_table():
    table = pbt("table")
    found = pd.read_csv(PBT / "results" / "results.csv")
    found["arm"] = pd.Categorical(found["arm"], list(table.ARMS), ordered=True)
    seeds = found.groupby("arm", observed=True)["seed"].apply(list).to_dict()
    assert seeds == {arm: [12, 42, 64] for arm in table.ARMS}
    kept = (PBT / "results" / "results.md").read_text(encoding="utf-8")
    assert table.table(found) == kept
    assert kept in (PBT / "README.md").read_text(encoding="utf-8")
