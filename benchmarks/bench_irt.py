"""Speed, memory and accuracy of `equipoise.judges.irt`, alone and against other packages on the same data.

Alone: ratings of 1,000 models by `simulate`, five categories, fitted to the end (last step below 1e-8 logit) with all
standard errors, once with the numpy engine and once with the compiled one. Every line is a process of its own, so that
the peak of memory is the fit's and the table's. `cold` is the first fit of a process, `first ever` one that compiles
numba's loops, `seconds` the median of the others (of all, if there are fewer than three), `cpu` that of processor
seconds. `RMSE` is that of the models' measures, `z` the standard deviation of (estimate - truth) / standard error, full
and clustered. Then the two passes over 1e6 ratings that a fit consists of, in nanoseconds per rating.

Peers: `ratio` = peer's seconds / ours, both the median of warm fits without import and reading, on one thread each
(none is faster with a second one at these sizes); `cpu` likewise of processor seconds, which other work on the machine
lengthens less. RMSE of the models' measures is after aligning the origin, `scaled` after aligning origin and scale,
since marginal and variational estimates are shrunk (ours are joint ones with the 1 - P/N correction). Ours takes the
engine that `fit` takes by itself. Peers live in environments of their own (`benchmarks/irt_peers/environment.py DIR`,
then `--peers DIR` or IRT_PEERS=DIR); one that is not there is skipped.

    python benchmarks/bench_irt.py                        # 1e6 and 1e7, the short list of peers: four minutes
    python benchmarks/bench_irt.py --full -o bench.json   # 1e8, several dimensions, all peers: half an hour
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from irt_peers.environment import command, threads
from irt_peers.exchange import timed

THREADS, PEER_THREADS = 2, 1
ENGINES = ("numpy", "numba")
TIMEOUT = 3600  # seconds of one process


@dataclass(frozen=True)
class Load:
    """Ratings to be fitted alone.

    Attributes:
        models, items, judges: Of one dimension.
        ratings: Of one dimension; as many as there are cells = complete crossing.
        dimensions: Fitted one after the other.
        runs: Fits in one process.
        target: Seconds, of the numpy engine; None = none set.
        most_memory: GiB; None = no target.
    """

    models: int
    items: int
    judges: int
    ratings: int
    dimensions: int = 1
    runs: int = 3
    target: float | None = None
    most_memory: float | None = None

    @property
    def name(self) -> str:
        """Its size, in words."""
        crossed = "crossed" if self.ratings == self.models * self.items * self.judges else "sparse"
        times = f"{self.dimensions} dimensions x " if self.dimensions > 1 else ""
        return f"{times}{self.ratings:.0e} ratings, {self.models} x {self.items} x {self.judges} {crossed}".replace(
            "e+0", "e"
        )


@dataclass(frozen=True)
class Contest:
    """One data set and one peer; `options` go to the peer's script, `simulation` to `simulate`."""

    name: str
    peer: str
    options: tuple[str, ...]
    simulation: dict[str, Any]
    target: float | None = None
    runs: int = 3
    full: bool = True


LOADS = (
    Load(1000, 1000, 10, 10**6, runs=6, target=3),
    Load(1000, 1000, 10, 10**7, target=15),
)
FULL_LOADS = (
    Load(1000, 10_000, 20, 10**8, runs=1, target=120, most_memory=4),
    Load(1000, 100, 10, 10**6, dimensions=5),
    Load(1000, 1000, 10, 10**7, dimensions=5, runs=1),
)

_BINARY = {"models": 200, "items": 500, "judges": 1, "categories": 2}
_LARGE = {"models": 1000, "items": 1000, "judges": 1, "categories": 2}
_SMALL = {"models": 200, "items": 50, "judges": 5, "ratings": 10_000}
_MIDDLE = {"models": 1000, "items": 100, "judges": 5, "ratings": 100_000}
_WIDE = {"models": 1000, "items": 1000, "judges": 10, "ratings": 100_000}
CONTESTS = (
    Contest("py-irt 1PL hierarchical, 2,000 epochs", "pyirt", (), _BINARY, target=50, runs=1, full=False),
    Contest("py-irt 1PL vague", "pyirt", ("--priors", "vague"), _BINARY, runs=1),
    Contest("py-irt 2PL hierarchical", "pyirt", ("--model", "2pl"), _BINARY, runs=1),
    Contest("py-irt 2PL vague", "pyirt", ("--model", "2pl", "--priors", "vague"), _BINARY, runs=1),
    Contest("py-irt 1PL hierarchical, 100 epochs", "pyirt", ("--epochs", "100"), _LARGE, runs=1),
    Contest("py-irt 2PL hierarchical, 100 epochs", "pyirt", ("--model", "2pl", "--epochs", "100"), _LARGE, runs=1),
    Contest("mirt, MML", "mirt", (), _SMALL, target=20, runs=5, full=False),
    Contest("mirt, MML", "mirt", (), _MIDDLE, target=20, full=False),
    Contest("mirt, MML, 121 nodes", "mirt", ("--nodes", "121"), _WIDE, target=20, runs=1),
    Contest("R VGAM acat", "vgam", (), _SMALL, runs=1),
)


def alone(load: Load, engine: str) -> dict[str, Any]:
    """In a process of its own: seconds of each fit, and what came out."""
    from equipoise.judges.irt import fit, simulate

    made = [
        simulate(load.models, load.items, load.judges, ratings=load.ratings, seed=number)
        for number in range(1, load.dimensions + 1)
    ]
    if load.dimensions == 1:
        table = made[0].ratings
    else:
        table = pd.concat([part.ratings for part in made], ignore_index=True, copy=False)
        codes = np.repeat(np.arange(load.dimensions, dtype=np.int8), load.ratings)
        table["dimension"] = pd.Categorical.from_codes(codes, [f"d{number}" for number in range(load.dimensions)])
    found, measured = timed(lambda: fit(table, engine=engine), load.runs)
    estimates = [part.estimate for part in found.parts]
    errors = [
        estimate.parameters.locations[0] - part.abilities.to_numpy()
        for estimate, part in zip(estimates, made, strict=True)
    ]
    z = [error / estimate.se.locations[0] for error, estimate in zip(errors, estimates, strict=True)]
    clustered = [error / estimate.se_clustered.locations[0] for error, estimate in zip(errors, estimates, strict=True)]
    return {
        **measured,
        "iterations": max(estimate.iterations for estimate in estimates),
        "last_step": max(estimate.largest_step for estimate in estimates),
        "converged": all(estimate.converged for estimate in estimates),
        "rmse": float(np.sqrt(np.mean(np.square(errors)))),
        "z": float(np.std(z)),
        "z_clustered": float(np.std(clustered)),
    }


def one_pass(load: Load, engine: str) -> dict[str, float]:
    """In a process of its own: nanoseconds per rating of the pass for the gradient and of that for the information."""
    from equipoise.judges.irt import simulate
    from equipoise.judges.irt.engine.newton import zero
    from equipoise.judges.irt.engine.passes import passes
    from equipoise.judges.irt.engine.ratings import read_frame
    from equipoise.judges.irt.engine.structure import Fixed

    table = simulate(load.models, load.items, load.judges, ratings=load.ratings, seed=1).ratings
    ratings, _ = read_frame(table, "model", ("item", "judge"), "score")
    start = zero(ratings, Fixed.nothing(ratings))
    chosen, found = passes(engine, len(ratings)), {}
    for name, work in (("gradient", chosen.gradient), ("information", chosen.information)):
        _, measured = timed(lambda work=work: work(ratings, start), 7)
        found[name] = warm(measured["seconds"]) / len(ratings) * 1e9
    return found


def same_data(path: Path, runs: int) -> dict[str, Any]:
    """In a process of its own: ours on the file that a peer read."""
    from equipoise.judges.irt import fit

    table = pd.read_parquet(path)
    facets = ("item", "judge") if table["judge"].nunique() > 1 else ("item",)
    found, measured = timed(lambda: fit(table, facets=facets), runs)
    measures = found.measures.set_index(["facet", "label"])["measure"]
    elements = {facet: measures[facet].to_dict() for facet in ("model", "item")}
    return {**measured, "abilities": elements["model"], "difficulties": elements["item"]}


def process(mode: str, *arguments: object, cores: int = THREADS, **environment: str) -> dict[str, Any]:
    """A function of this file in a new process."""
    variables = {**os.environ, **threads(cores), "NUMBA_NUM_THREADS": str(cores), **environment}
    line = [sys.executable, __file__, mode, *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=TIMEOUT, env=variables)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def warm(seconds: list[float]) -> float:
    """Median without the first fit, if two are left."""
    return float(np.median(seconds[1:] if len(seconds) > 2 else seconds))


def speed(loads: tuple[Load, ...], engines: tuple[str, ...]) -> list[dict[str, Any]]:
    """Print and return what `alone` measured."""
    print(f"\n{'alone':48s} engine seconds   cold    cpu steps  last step   RMSE      z  z cl  peak GiB  target")
    lines = []
    for load in loads:
        for engine in engines:
            found = process("alone", json.dumps(vars(load)), engine)
            wanted = f"< {load.target:g} s" if load.target and engine == "numpy" else ""
            wanted += f", < {load.most_memory:g} GiB" if load.most_memory and wanted else ""
            accuracy = f"{found['rmse']:6.4f} {found['z']:6.3f} {found['z_clustered']:5.3f}"
            times = f"{warm(found['seconds']):7.2f} {found['seconds'][0]:6.2f} {warm(found['processor_seconds']):6.2f}"
            print(
                f"{load.name:48s} {engine:6s} {times} {found['iterations']:5d} {found['last_step']:10.0e} "
                f"{accuracy} {found['peak_mib'] / 1024:9.2f}  {wanted}",
                flush=True,
            )
            lines.append({"load": load.name, "engine": engine, **found})
    every = {
        (engine, cores): process("passes", json.dumps(vars(loads[0])), engine, cores=cores)
        for engine, cores in product(engines, (1, THREADS))
    }
    print(f"ns per rating, 1 / {THREADS} threads", end="")
    for engine, name in product(engines, ("gradient", "information")):
        print(f"   {engine} {name} {every[engine, 1][name]:.1f} / {every[engine, THREADS][name]:.1f}", end="")
    print(flush=True)
    lines += [{"pass": engine, "cores": cores, **found} for (engine, cores), found in every.items()]
    if "numba" in engines:
        with tempfile.TemporaryDirectory() as empty:
            once = json.dumps({**vars(loads[0]), "runs": 1})
            first = process("alone", once, "numba", NUMBA_CACHE_DIR=empty)["seconds"][0]
        print(f"{loads[0].name:48s} numba, first ever (it compiles): {first:.1f} s")
        lines.append({"load": loads[0].name, "engine": "numba", "first_ever": first})
    return lines


def against(contests: tuple[Contest, ...], directory: Path | None) -> list[dict[str, Any]]:
    """Print and return what peers did on the same data."""
    print(f"\n{'peers':58s}  peer s ours s  ratio    cpu target  RMSE peer/ours  scaled         peak MiB")
    lines, seen = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for contest in contests:
            start = _start(contest.peer, directory)
            if start is None:
                print(f"{contest.name}: skipped, {contest.peer} is not installed (see irt_peers/environment.py)")
                continue
            size = json.dumps(contest.simulation)
            if size not in seen:
                seen[size] = _ours(contest, Path(folder) / f"data{len(seen)}.parquet")
            made, path, ours = seen[size]
            result = Path(folder) / "result.json"
            data = path.with_suffix(".csv") if contest.peer == "vgam" else path
            runs = (str(contest.runs),) if contest.peer == "vgam" else ("--runs", str(contest.runs))
            line = [*start, str(data), str(result), *runs, *contest.options]
            variables = {**os.environ, **threads(PEER_THREADS)}
            done = subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT, env=variables)
            if done.returncode:
                print(f"{contest.name}: failed: {done.stderr.strip().splitlines()[-1:]}")
                continue
            lines.append(_compared(contest, made, ours, json.loads(result.read_text(encoding="utf-8"))))
    return lines


def _start(peer: str, directory: Path | None) -> list[str] | None:
    if peer == "vgam":
        return command(peer, Path())
    return None if directory is None else command(peer, directory)


def _ours(contest: Contest, path: Path) -> tuple[Any, Path, dict[str, Any]]:
    """Ratings with their truths, written as both formats, and our fit of them."""
    from equipoise.judges.irt import simulate

    made = simulate(seed=1, **contest.simulation)
    made.ratings.to_parquet(path)
    if any(other.peer == "vgam" and other.simulation == contest.simulation for other in CONTESTS):
        made.ratings.to_csv(path.with_suffix(".csv"), index=False)
    return made, path, process("same-data", path, 7, cores=PEER_THREADS)


def _compared(contest: Contest, made: Any, ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    size = contest.simulation
    shape = f"{size['models']} x {size['items']}" + (f" x {size['judges']}" if size["judges"] > 1 else ", 0/1")
    line = {
        "contest": f"{contest.name}: {shape}, {theirs['ratings']:.0e}".replace("e+0", "e"),
        "version": theirs["version"],
        "converged": theirs.get("converged", True),
        "target": contest.target,
    }
    for name, found in (("peer", theirs), ("ours", ours)):
        line[f"{name}_seconds"], line[f"{name}_processor_seconds"] = found["seconds"], found["processor_seconds"]
        line[f"{name}_rmse"], line[f"{name}_rmse_scaled"] = _errors(found["abilities"], made.abilities)
        line[f"{name}_rmse_items"] = _errors(found["difficulties"], made.difficulties)[0]
        line[f"{name}_peak_mib"] = found["peak_mib"]
    peer, own = warm(theirs["seconds"]), warm(ours["seconds"])
    line["ratio"] = peer / own
    line["processor_ratio"] = warm(theirs["processor_seconds"]) / warm(ours["processor_seconds"])
    print(
        f"{line['contest']:58s} {peer:7.2f} {own:6.3f} {line['ratio']:6.1f} {line['processor_ratio']:6.1f} "
        f"{f'> {contest.target:g}' if contest.target else '':6s}  {line['peer_rmse']:.4f} / {line['ours_rmse']:.4f} "
        f"{line['peer_rmse_scaled']:.4f} / {line['ours_rmse_scaled']:.4f} "
        f"{line['peer_peak_mib']:.0f} / {line['ours_peak_mib']:.0f}"
        + ("" if line["converged"] else "  (the peer did not converge)"),
        flush=True,
    )
    return line


def _errors(found: dict[str, float], truth: "pd.Series[float]") -> tuple[float, float]:
    """Root mean square error after aligning the origin, and after origin and scale."""
    estimate = pd.Series(found)[truth.index]
    away = (estimate - estimate.mean()) - (truth - truth.mean())
    return float(away.std(ddof=0)), float(truth.std(ddof=0) * np.sqrt(1 - estimate.corr(truth) ** 2))


def machine() -> dict[str, Any]:
    """What the times were taken on."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in ("numpy", "scipy", "pandas", "numba"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    info = Path("/proc/cpuinfo")
    names = (
        [line for line in info.read_text(encoding="utf-8").splitlines() if "model name" in line]
        if info.exists()
        else []
    )
    return {
        "processor": names[0].split(":")[1].strip() if names else platform.processor(),
        "cores": os.cpu_count(),
        "threads": THREADS,
        "load": os.getloadavg(),
        "python": platform.python_version(),
        **versions,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1e8 ratings, several dimensions, all peers")
    parser.add_argument("--only", choices=("alone", "peers"), help="one of the two parts")
    parser.add_argument("--engine", choices=ENGINES, help="one of the two engines")
    parser.add_argument(
        "--peers", type=Path, default=os.environ.get("IRT_PEERS"), help="where the peers' environments are"
    )
    parser.add_argument("-o", "--output", type=Path, help="JSON file for all numbers")
    options = parser.parse_args()
    found: dict[str, Any] = {"machine": machine()}
    print(", ".join(f"{name} {value}" for name, value in found["machine"].items()))
    if found["machine"]["load"][0] > 0.5:
        print("the machine is not idle: times are too long")
    engines = (options.engine,) if options.engine else ENGINES
    if found["machine"]["numba"] == "not installed":
        print("numba: skipped, not installed (pip install 'equipoise[fast]')")
        engines = ("numpy",)
    if options.only != "peers":
        found["alone"] = speed(LOADS + (FULL_LOADS if options.full else ()), engines)
    if options.only != "alone":
        chosen = tuple(contest for contest in CONTESTS if options.full or not contest.full)
        found["peers"] = against(chosen, None if options.peers is None else Path(options.peers))
    print(f"load at the end: {os.getloadavg()}")
    if options.output is not None:
        options.output.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        print(json.dumps(alone(Load(**json.loads(sys.argv[2])), sys.argv[3])))
    elif sys.argv[1:2] == ["passes"]:
        print(json.dumps(one_pass(Load(**json.loads(sys.argv[2])), sys.argv[3])))
    elif sys.argv[1:2] == ["same-data"]:
        print(json.dumps(same_data(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        main()
