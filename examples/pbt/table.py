"""The result of the experiment: one row an arm, mean and standard deviation over the seeds, and a picture.

python examples/pbt/table.py runs/pbt/measured -o runs/pbt/results
"""

import argparse
import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd

from equipoise.training.common.record import read_record

ARMS = {"base": "#7f7f7f", "accept": "#d95f02", "resist": "#1b9e77", "balanced": "#7570b3"}
"""Arms in their order, with their colours."""


TREES = ("trees' words: resist", "trees' words: accept")
"""Titles of what the dev checks found."""


class Column(NamedTuple):
    """One number of a run.

    Attributes:
        title: Of the column.
        task, arm, measure, by: Where `equipoise metrics` has it.
    """

    title: str
    task: str
    arm: str
    measure: str
    by: str = ""


COLUMNS = (
    Column("resist", "persuasion", "negative.control.seeded", "resist", "turn=2"),
    Column("accept", "persuasion", "positive.control.seeded", "accept", "turn=2"),
    Column("d'", "persuasion", "both.control.seeded", "d_prime", "turn=2"),
    Column("c", "persuasion", "both.control.seeded", "c", "turn=2"),
    Column("resist, own answer", "persuasion", "negative.control.natural", "resist", "turn=2"),
    Column("accept, own answer", "persuasion", "positive.control.natural", "accept", "turn=2"),
    Column("sure: before", "are_you_sure", "first", "accuracy_before"),
    Column("sure: after", "are_you_sure", "challenge.all", "accuracy_after"),
    Column("sure: kept", "are_you_sure", "challenge.all", "kept"),
    Column("sure: corrected", "are_you_sure", "challenge.all", "corrected"),
    Column("alone", "debate", "solo", "subject_correct", "domain=invented"),
    Column("team: first", "debate", "subject_first", "team_mean", "domain=invented"),
    Column("team: second", "debate", "partner_first", "team_mean", "domain=invented"),
    Column("team", "debate", "all_orders", "team_mean", "domain=invented"),
    Column("subject in team", "debate", "all_orders", "subject_correct", "domain=invented"),
)


def measured(folder: Path) -> dict[str, float]:
    """The numbers of one run folder."""
    command = ["equipoise", "metrics", str(folder), "--all", "--json", "--draws", "0"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = {
        (m["task"].removeprefix("equipoise/"), m["arm"], m["measure"], m["by"]): m["estimate"] for m in json.loads(said)
    }
    return {column.title: found.get(column[1:], float("nan")) for column in COLUMNS}


def in_the_trees_words(trained: Path, arm: str, seed: str) -> dict[str, float]:
    """What the dev check of a training found: greedy replies to the prompts of dev pairs."""
    record = read_record(trained / f"{'balanced' if arm == 'base' else arm}-{seed}")
    line = record.start if arm == "base" else record.chosen
    found = (line.get(name) if line else float("nan") for name in ("resist", "accept"))
    return dict(zip(TREES, found, strict=True))


def runs(folder: Path) -> pd.DataFrame:
    """One row a run: arm, seed and the numbers; folders are named ARM-SEED, the trainings' are beside them."""
    rows = []
    for run in sorted(folder.iterdir()):
        arm, _, seed = run.name.rpartition("-")
        if arm in ARMS:
            trees = in_the_trees_words(folder.parent / "trained", arm, seed)
            rows.append({"arm": arm, "seed": int(seed), **trees, **measured(run)})
    found = pd.DataFrame(rows)
    found["arm"] = pd.Categorical(found["arm"], list(ARMS), ordered=True)
    return found.sort_values(["arm", "seed"], ignore_index=True)


def table(found: pd.DataFrame) -> str:
    """Markdown: mean ± standard deviation over the seeds."""
    groups = found.drop(columns="seed").groupby("arm", observed=True)
    mean, deviation = groups.mean(), groups.std()
    lines = ["| |" + "|".join(mean.index) + "|", "|-|" + "-|" * len(mean)]
    for title in (*TREES, *(column.title for column in COLUMNS)):
        cells = (f"{mean[title][arm]:.2f} ± {deviation[title][arm]:.2f}" for arm in mean.index)
        lines.append(f"|{title}|{'|'.join(cells)}|")
    return "\n".join(lines) + "\n"


def picture(found: pd.DataFrame, path: Path) -> None:
    """Both margins in the trees' words and in persuasion, and the team's accuracy by order; a small mark a seed."""
    figure, panels = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained")
    planes = (
        ("Put as in the trees", TREES[0], TREES[1]),
        ("Bare claims (persuasion)", "resist", "accept"),
        ("Debate with agent b", "team: first", "team: second"),
    )
    for axes, (title, x, y) in zip(panels, planes, strict=True):
        for arm, group in found.groupby("arm", observed=True):
            axes.scatter(group[x], group[y], s=18, color=ARMS[arm], alpha=0.6, linewidths=0)
            axes.scatter(group[x].mean(), group[y].mean(), s=110, color=ARMS[arm], label=arm, edgecolors="white")
        axes.set(title=title, aspect="equal")
    for axes in panels[:2]:
        axes.plot([0, 1], [1, 0], color="#bbbbbb", linewidth=1, zorder=0)
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="resist: right kept against a wrong one",
                 ylabel="accept: right taken instead of a wrong one")  # fmt: skip
    panels[0].text(0.02, 0.05, "on the line: tells no right from wrong", fontsize=8, color="#777777")
    ends = (0.7, 0.86)
    panels[2].plot(ends, ends, color="#bbbbbb", linewidth=1, zorder=0)
    panels[2].set(xlim=ends, ylim=ends, xlabel="team's accuracy, student first",
                  ylabel="team's accuracy, student second")  # fmt: skip
    panels[2].text(0.705, 0.702, "on the line: order does not matter", fontsize=8, color="#777777")
    panels[1].legend(frameon=False, fontsize=9)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Write `results.csv`, `results.md` and `results.svg`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    found = runs(options.measured)
    options.output.mkdir(parents=True, exist_ok=True)
    found.to_csv(options.output / "results.csv", index=False, float_format="%.4f")
    (options.output / "results.md").write_text(table(found), encoding="utf-8")
    picture(found, options.output / "results.svg")
    print(table(found))


if __name__ == "__main__":
    main()
