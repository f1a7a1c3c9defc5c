"""What `equipoise.judges.irt` gets back of known truths: slopes, errors, intervals, odd judges, biases.

Every cell is one design, simulated again and again with seeds 0, 1, 2 … and fitted. One line per cell and facet:

* `ratings`: per element. `slope`: estimate on truth at the maximum, `corrected`: after the factor 1 - P/N; `rmse` in
  logits. Elements with extreme scores are left out of all of these and counted in `extreme`.
* `z`: root mean square of (estimate - truth) / standard error with the model's error; `z cl`: with the clustered one,
  its t distribution with responses - 1 degrees of freedom turned into the normal one.
* `covers`: share of intervals estimate +- 1.96 model errors that hold the truth; `cov cl`: of the intervals that
  `measures` tells. `+-` is their Monte Carlo error, from the replicates.
* `rank`: Spearman's correlation with the truth, mean over replicates.

Where ratings come from another model than the one fitted (response effects, judges' slopes, biases, an adversary), one
logit of the fit is not one logit of the truth. There z and coverage are against slope x truth, the slope being that of
all replicates together: what the measures of infinitely many ratings would be, up to the origin. For thresholds no
slope serves, so they are left out there. `covers truth` holds the coverage of the unscaled truth.

Designs: "sparse" has as many items as models, so that both have the same number of ratings, of cells drawn at random;
"crossed" is complete; with response effects all judges rate the same responses.

    python benchmarks/recovery.py                     # two minutes
    python benchmarks/recovery.py --full -o grid.csv  # the grid of specs/irt.md, section 11: an hour on two cores
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: every process has a core

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from equipoise.judges.irt import RaschFit, Simulation, fit, simulate
from equipoise.judges.irt.diagnostics.bias import interaction

FACETS = ("model", "item", "judge")
TAU = "tau"
FALSE_DISCOVERIES = 0.05  # q below which a bias counts as found
SLOPE, SLOPE_TAU, Z, COVERAGE = 0.03, 0.05, (0.95, 1.05), (0.93, 0.97)  # the floors of specs/irt.md, section 11


@dataclass(frozen=True)
class Cell:
    """One design.

    Attributes:
        study: What it is for.
        models, items, judges, categories: Numbers of elements.
        each: Ratings per model.
        severity: Standard deviation of severities, logits.
        response: Standard deviation of response effects; above 0 all judges rate the same responses.
        adversary: "constant", "random" or "reversed"; "" = none.
        slopes: Standard deviation of the logs of judges' slopes.
        sloped: Whether they are estimated.
        bias: Logits by which some (model, judge) pairs are favoured, and as many put back, 1 in 25 in all; of each such
            model and each such judge the biases sum to zero, so that they leave no trace elsewhere.
        dif: Logits by which every fifth item is easier, or by turns harder, for the first half of the models.
        shared: Whether all judges rate the same responses.
        replicates: Number of simulations.
    """

    study: str
    models: int
    items: int
    judges: int
    categories: int
    each: int
    severity: float = 0.5
    response: float = 0.0
    adversary: str = ""
    slopes: float = 0.0
    sloped: bool = False
    bias: float = 0.0
    dif: float = 0.0
    shared: bool = False
    replicates: int = 20

    @property
    def density(self) -> float:
        """Share of all cells (item, judge) that a model has ratings of."""
        return self.each / (self.items * self.judges)

    @property
    def holds(self) -> bool:
        """Whether the model that is fitted is the one the ratings come from."""
        return not (self.response or self.adversary or (self.slopes and not self.sloped) or self.bias or self.dif)

    @property
    def name(self) -> str:
        """What it is, in one line."""
        options = ("response", "adversary", "slopes", "sloped", "bias", "dif")
        extra = "".join(f", {name} {getattr(self, name)}" for name in options if getattr(self, name))
        return (
            f"{self.study}: {self.models} x {self.items} x {self.judges}, K {self.categories}, {self.each} a model "
            f"(density {self.density:.2f}), severity sd {self.severity}{extra}"
        )


def cells(full: bool) -> list[Cell]:
    """The grid; the default one is a part of it with fewer replicates."""
    found = []
    times = 5 if full else 1
    for each in (10, 20, 50, 100, 1000):
        size, number = (300, 5 * times) if each == 1000 else (100, 20 * times)
        for categories in (2, 5, 10):
            for severity in (0.0, 0.5, 1.0) if full else (0.5,):
                options = {"categories": categories, "each": each, "severity": severity, "replicates": number}
                for response in (0.0, 0.5, 1.0) if full and each >= 20 else (0.0,):
                    shared = {"response": response, "shared": bool(response)}
                    found.append(Cell("sparse", size, size, 5, **options, **shared))
                    found.append(Cell("crossed", 100, each // 5, 5, **options, **shared))
    if not full:
        for each, response in ((50, 0.5), (100, 0.5), (100, 1.0), (500, 0.0), (500, 0.5)):
            found.append(Cell("responses", 100, 100, 5, 5, each, response=response, shared=True))
    for each in (20, 60, 400) if full else (60,):  # of the adversary, 20 models x each / 5: about 80, 240 and 1,600
        for categories in (2, 5, 10):
            for adversary in ("constant", "random", "reversed"):
                odd = {"adversary": adversary, "replicates": 20 * times}
                found.append(Cell("adversary", 20, 100, 5, categories, each, **odd))
    for slopes in (0.1, 0.3, 0.5) if full else (0.3,):
        for sloped in (False, True):
            options = {"slopes": slopes, "sloped": sloped, "replicates": 10 * times}
            found.append(Cell("slopes", 100, 100, 5, 5, 100, **options))
    for each in (100, 200, 1000) if full else (200, 1000):  # a (model, judge) pair has a tenth of them
        for bias in (0.0, 0.5, 1.0) if full else (0.0, 1.0):
            found.append(Cell("bias", 50, 100, 10, 5, each, bias=bias, replicates=10 * times))
    for each in (20, 50, 100) if full else (50,):  # a (group, item) pair has as many
        for dif in (0.0, 0.5, 1.0) if full else (0.0, 1.0):
            found.append(Cell("DIF", 40, 20, 5, 5, each, dif=dif, replicates=10 * times))
    return found


def simulated(cell: Cell, seed: int) -> Simulation:
    """Ratings of one replicate, with their truths."""
    if cell.dif:
        return _with_dif(cell, seed)
    return simulate(
        cell.models,
        cell.items,
        cell.judges,
        categories=cell.categories,
        ratings=cell.models * cell.each,
        design="responses" if cell.shared else "cells",
        sd_severity=cell.severity,
        response_sd=cell.response,
        slope_sd=cell.slopes,
        bias=_favoured(cell, seed) if cell.bias else 0.0,
        adversary=cell.adversary or None,
        seed=seed,
    )


def _favoured(cell: Cell, seed: int) -> dict[tuple[str, str], float]:
    """Squares of two models and two judges, each of whom favours one of the two."""
    random = np.random.default_rng(seed)
    models = random.permutation(cell.models)[: max(cell.models * cell.judges // 100, 1) * 2]
    found = {}
    for first, second in models.reshape(-1, 2):
        one, other = random.permutation(cell.judges)[:2]
        for model, judge, sign in ((first, one, 1), (second, other, 1), (first, other, -1), (second, one, -1)):
            found[_label("m", model, cell.models), _label("j", judge, cell.judges)] = sign * cell.bias
    return found


def _with_dif(cell: Cell, seed: int) -> Simulation:
    """Items that are easier for some models are what biased judges would be: the two change names."""
    favoured = {
        (_label("m", m, cell.models), _label("j", i, cell.items)): cell.dif * (1 if i % 2 else -1)
        for m in range(cell.models // 2)
        for i in range(0, cell.items, 5)
    }
    made = simulate(
        cell.models,
        cell.judges,
        cell.items,
        categories=cell.categories,
        ratings=cell.models * cell.each,
        sd_difficulty=cell.severity,
        sd_severity=1.0,
        bias=favoured,
        seed=seed,
    )
    return replace(
        made,
        ratings=made.ratings.rename(columns={"item": "judge", "judge": "item"}),
        difficulties=made.severities,
        severities=made.difficulties,
    )


def _label(prefix: str, place: int, number: int) -> str:
    return f"{prefix}{place + 1:0{len(str(number))}}"


def replicate(cell: Cell, seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """One simulation: an element a row, truth beside estimate; and counts of what was found among judges and biases."""
    made = simulated(cell, seed)
    found = fit(made.ratings, slopes="judge" if cell.sloped else None)
    rows = elements(made, found).assign(replicate=seed)
    counts: dict[str, float] = {"warned": float(any("share more" in text for text in found.warnings))}
    if cell.sloped:
        counts["slope_error"] = float(np.std(np.log(found.parts[0].estimate.slopes.values / made.slopes)))
    if cell.adversary:
        judges = found.measures[found.measures["facet"] == "judge"].set_index("label")
        odd = flagged(judges)
        last = made.severities.index[-1]
        counts |= {"adversary": float(odd[last]), "honest": float(odd.drop(last).mean())}
        counts["adversary_ratings"] = float(judges.loc[last, "count"])
    if cell.study == "bias":
        table = found.bias("model", "judge")
        favoured = set() if made.biases is None else set(made.biases.index[made.biases != 0])
        true = [pair in favoured for pair in zip(table["model"], table["judge"], strict=True)]
        counts |= _discoveries(table["q"].to_numpy(), np.array(true))
    if cell.study == "DIF":
        part = found.parts[0]
        group = (part.ratings.codes[0] < cell.models // 2).astype(np.int64)
        table = interaction(part.ratings, part.estimate.maximum, [group, 1])
        counts |= _discoveries(table.q, (table.codes[1] % 5 == 0) & bool(cell.dif))
    return rows, counts


def _discoveries(q: np.ndarray, true: np.ndarray) -> dict[str, float]:
    discovered = q < FALSE_DISCOVERIES
    return {
        "true": float(true.sum()),
        "found": float((discovered & true).sum()),
        "false_share": float((discovered & ~true).sum() / max(discovered.sum(), 1)),
    }


def flagged(judges: pd.DataFrame) -> pd.Series:
    """Judges that a reader of the table would look at: extreme, misfitting, or against the measures."""
    squares = judges[["infit", "outfit"]]
    standardised = judges[["infit_z", "outfit_z"]].abs()
    return (
        (judges["status"] != "")
        | ((squares < 0.5) | (squares > 1.5)).any(axis=1)
        | (standardised > 2).any(axis=1)
        | ~(judges["point_measure"] > 0)  # undefined where all scores are the same
    )


def elements(made: Simulation, found: RaschFit) -> pd.DataFrame:
    """Truth and estimate of every element and threshold that is not extreme, in the fit's own origin."""
    factor = found.parts[0].estimate.factor
    truths = {"model": made.abilities, "item": made.difficulties, "judge": made.severities}
    parts, shift = [], 0.0
    for facet in ("judge", "item", "model"):  # the models float: they take up what the others' means are not 0 by
        own = found.measures[found.measures["facet"] == facet].set_index("label")
        own = own.assign(facet=facet, truth=truths[facet], extreme=own["status"] != "")
        estimated = ~own["extreme"] & own["truth"].notna()
        mean = shift if facet == "model" else own.loc[estimated, "truth"].mean()
        shift += mean
        own["truth"] -= mean
        parts.append(own[own["truth"].notna()])
    table = pd.concat(parts)[
        ["facet", "truth", "measure", "low", "high", "se", "se_clustered", "count", "responses", "extreme"]
    ]
    steps = found.thresholds[found.thresholds["threshold"].notna()]
    if len(made.thresholds) > 1 and len(steps) == len(made.thresholds):
        half = norm.ppf(0.975) * steps["se_clustered"]
        tau = pd.DataFrame(
            {
                "facet": TAU,
                "truth": made.thresholds.to_numpy(),
                "measure": steps["threshold"],
                "low": steps["threshold"] - half,
                "high": steps["threshold"] + half,
                "se": steps["se"],
                "se_clustered": steps["se_clustered"],
                "count": steps["count"],
                "responses": np.inf,
                "extreme": False,
            }
        )
        table = pd.concat([table, tau])
    return table.assign(maximum=table["measure"] / factor).reset_index(drop=True)


def summary(cell: Cell, rows: pd.DataFrame, counts: pd.DataFrame) -> list[dict[str, object]]:
    """One line per facet: see the head of this file."""
    lines = []
    for facet in (*FACETS, TAU):
        own = rows[rows["facet"] == facet]
        if own.empty or (facet == TAU and not cell.holds):
            continue
        used = own[~own["extreme"]]
        groups = used.groupby("replicate")
        centred = used["truth"] - groups["truth"].transform("mean")
        spread = float((centred**2).sum())
        varies = spread > 1e-12 * len(used)
        by_replicate = (centred**2).groupby(used["replicate"]).sum()
        slopes = (centred * used["measure"]).groupby(used["replicate"]).sum() / by_replicate if varies else None
        corrected = float((centred * used["measure"]).sum() / spread) if varies else np.nan
        scale = 1.0 if cell.holds or not varies else corrected
        target = scale * used["truth"]
        away = used["measure"] - target
        z = (away / used["se"]) ** 2
        tail = t.sf(np.abs(away / used["se_clustered"]), np.maximum(used["responses"] - 1, 1))
        clustered = pd.Series(norm.isf(np.maximum(tail, 1e-300)) ** 2, used.index).where(used["responses"] > 1)
        inside = np.abs(away) <= norm.ppf(0.975) * used["se"]
        told = (used["low"] <= target) & (target <= used["high"])
        plain = (used["low"] <= used["truth"]) & (used["truth"] <= used["high"])
        rank = [part["truth"].corr(part["measure"], method="spearman") for _, part in groups] if varies else [np.nan]
        root, root_clustered = float(np.sqrt(z.mean())), float(np.sqrt(clustered.mean()))
        lines.append(
            {
                **asdict(cell),
                "density": cell.density,
                "facet": facet,
                "ratings": float(used["count"].mean()),
                "least_ratings": _least(rows),
                "extreme": float(own["extreme"].mean()),
                "slope": float((centred * used["maximum"]).sum() / spread) if varies else np.nan,
                "corrected": corrected,
                "corrected_error": float(slopes.std() / np.sqrt(len(slopes))) if slopes is not None else np.nan,
                "rmse": float(np.sqrt(((used["measure"] - used["truth"]) ** 2).mean())),
                "z": root,
                "z_error": _error(z, used, 2.0) / (2 * root),
                "z_clustered": root_clustered,
                "z_clustered_error": _error(clustered, used, 2.0) / (2 * root_clustered),
                "covers": float(inside.mean()),
                "covers_error": _error(inside, used, 0.95 * 0.05),
                "covers_clustered": float(told.mean()),
                "covers_clustered_error": _error(told, used, 0.95 * 0.05),
                "covers_truth": float(plain.mean()),
                "rank": float(np.mean(rank)) if facet != TAU else np.nan,
                **{
                    name: float(counts[name].mean())
                    for name in ("warned", "adversary_ratings", "slope_error")
                    if name in counts
                },
                **_shares(counts),
            }
        )
    return lines


def _least(rows: pd.DataFrame) -> float:
    """Ratings per element of the facet, models or items, that has fewest."""
    return float(rows[rows["facet"].isin(["model", "item"])].groupby("facet")["count"].mean().min())


def _error(values: pd.Series, used: pd.DataFrame, variance: float) -> float:
    """Monte Carlo standard error of a mean: from replicates, whose elements share their origin and thresholds.

    Few replicates may agree by chance, so it is not less than if all elements were independent with this variance.
    """
    means = values.groupby(used["replicate"]).mean()
    return float(max(means.std() / np.sqrt(len(means)), np.sqrt(variance / len(used))))


def _shares(counts: pd.DataFrame) -> dict[str, float]:
    found = {}
    if "adversary" in counts:
        found |= {
            "adversary_flagged": float(counts["adversary"].mean()),
            "honest_flagged": float(counts["honest"].mean()),
        }
    if "true" in counts:
        true = counts["true"].sum()
        found["power"] = float(counts["found"].sum() / true) if true else np.nan
        found["false_discoveries"] = float(counts["false_share"].mean())
    return found


def study(chosen: Iterable[Cell], processes: int = 1) -> pd.DataFrame:
    """Simulate, fit and summarise; the number of processes does not change a result."""
    chosen = list(chosen)
    tasks = [(cell, seed) for cell in chosen for seed in range(cell.replicates)]
    if processes == 1:
        return _table(chosen, [replicate(*task) for task in tasks])
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        return _table(chosen, list(pool.map(replicate, *zip(*tasks, strict=True), chunksize=4)))


def _table(chosen: Sequence[Cell], results: Sequence[tuple[pd.DataFrame, dict[str, float]]]) -> pd.DataFrame:
    lines, start = [], 0
    for cell in chosen:
        own = results[start : start + cell.replicates]
        start += cell.replicates
        rows = pd.concat([part for part, _ in own], ignore_index=True)
        lines += summary(cell, rows, pd.DataFrame([counts for _, counts in own]))
    return pd.DataFrame(lines)


def misses(table: pd.DataFrame, errors: float = 3.0) -> list[str]:
    """What is outside the floors of specs/irt.md, section 11, by more than so many Monte Carlo errors."""
    found = []
    for line in table.itertuples():
        held = not (line.response or line.adversary or line.slopes or line.bias or line.dif)
        where = (
            f"{line.study} {line.models} x {line.items} x {line.judges}, K {line.categories}, {line.each} a model, "
            f"severity sd {line.severity}, response sd {line.response}, {line.facet}"
        )
        checks = []
        if held and line.least_ratings >= 20:
            off = SLOPE_TAU if line.facet == TAU else SLOPE
            checks.append(("corrected", line.corrected, (1 - off, 1 + off), line.corrected_error))
        if held and line.least_ratings >= 50:
            checks.append(("z", line.z, Z, line.z_error))
            checks.append(("covers", line.covers, COVERAGE, line.covers_error))
        if (held or line.study in ("responses", "sparse", "crossed")) and line.least_ratings >= 50:
            checks.append(("z clustered", line.z_clustered, Z, line.z_clustered_error))
            checks.append(("covers clustered", line.covers_clustered, COVERAGE, line.covers_clustered_error))
        for name, value, (low, high), error in checks:
            if np.isfinite(value) and not low - errors * error <= value <= high + errors * error:
                found.append(f"{where}: {name} {value:.3f} +- {error:.3f}, expected {low} to {high}")
        if line.adversary and line.adversary_ratings >= 200 and line.adversary_flagged < 1:
            found.append(f"{where}: the adversary is flagged in {line.adversary_flagged:.0%} of replicates only")
    return found


def show(table: pd.DataFrame) -> None:
    """Print the table, cell by cell."""
    names = ["study", "models", "items", "judges", "categories", "each", "severity"]
    names += ["response", "adversary", "slopes", "sloped", "bias", "dif", "density", "replicates"]
    columns = (
        "  facet   ratings extreme  slope corrected   rmse      z  +-    z cl  +-   covers cov cl  +-   covers truth"
    )
    for key, own in table.groupby(names, sort=False):
        options = dict(zip(names, key, strict=True))
        number, share = options.pop("replicates"), options.pop("density")
        print(f"\n{Cell(**options).name}: {number} replicates" if share else "")
        print(columns + "   rank")
        for line in own.itertuples():
            z = f"{line.z:6.3f} {line.z_error:.3f} {line.z_clustered:6.3f} {line.z_clustered_error:.3f}"
            covers = f"{line.covers:7.3f} {line.covers_clustered:6.3f} {line.covers_clustered_error:.3f}"
            text = (
                f"  {line.facet:6s} {line.ratings:8.0f} {line.extreme:7.3f} {line.slope:6.3f} {line.corrected:9.3f} "
                f"{line.rmse:6.3f} {z} {covers} {line.covers_truth:12.3f} {line.rank:6.3f}"
            )
            print(text.replace("nan", "  -"))
        first = own.iloc[0]
        if options["sloped"]:
            print(f"  log slopes of judges, sd {options['slopes']}: root mean square error {first['slope_error']:.3f}")
        if options["response"]:
            print(f"  warned of shared quality in {first['warned']:.0%} of replicates")
        if options["adversary"]:
            print(
                f"  adversary ({first['adversary_ratings']:.0f} ratings) flagged in {first['adversary_flagged']:.0%}, "
                f"honest judges in {first['honest_flagged']:.0%} of replicates"
            )
        if np.isfinite(first.get("false_discoveries", np.nan)):
            power = f"power {first['power']:.0%}, " if np.isfinite(first["power"]) else ""
            print(f"  biases found: {power}false discoveries {first['false_discoveries']:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the whole grid")
    parser.add_argument("--study", action="append", help="only these studies, such as bias")
    parser.add_argument("--replicates", type=int, help="instead of the grid's own number")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("-o", "--output", type=Path, help=".csv or .json")
    options = parser.parse_args()
    chosen = [cell for cell in cells(options.full) if options.study is None or cell.study in options.study]
    if options.replicates:
        chosen = [replace(cell, replicates=options.replicates) for cell in chosen]
    start = time.perf_counter()
    table = study(chosen, options.processes)
    show(table)
    missed = misses(table)
    print(
        f"\nOutside the floors of specs/irt.md, section 11, by more than 3 Monte Carlo errors: {len(missed) or 'none'}"
    )
    for text in missed:
        print(f"  {text}")
    print(f"{len(chosen)} cells in {time.perf_counter() - start:.0f} s")
    if options.output is None:
        return
    if options.output.suffix == ".json":
        records = table.astype(object).where(table.notna(), None).to_dict("records")
        options.output.write_text(json.dumps(records, indent=1), encoding="utf-8")
    else:
        table.to_csv(options.output, index=False)


if __name__ == "__main__":
    sys.exit(main())
