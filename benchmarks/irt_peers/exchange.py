"""What all Python peers share: their command line, the ratings they read, the JSON they write.

A ratings file is Parquet or CSV with the columns model, item, judge and score (whole numbers from 0). Elements are
numbered in the order of their sorted labels.

The JSON holds `peer`, `version`, `options`, `threads` (OMP_NUM_THREADS, null = not set), `ratings` (their number),
`seconds` (of each fit alone, the first one cold: no import, no reading, no writing) and `processor_seconds` (of all
threads: what a busy machine does not lengthen as much), `peak_mib` and `before_mib`
(resident memory: the highest of the whole process, and once the data were laid out for the peer, before the first fit),
`abilities`, `difficulties`, `severities`, `thresholds` (label to logit; null where the peer has none), and what else
the peer says of its fit. Origins are the peer's own: align before comparing.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def arguments(description: str, **options: Any) -> argparse.Namespace:
    """The command line of a peer: ratings, result, `--runs`, and the peer's own options.

    Args:
        description: The script's docstring.
        options: Name to default; the default's type is the option's.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ratings", type=Path, help="Parquet or CSV with model, item, judge, score")
    parser.add_argument("result", type=Path, help="JSON to write")
    parser.add_argument("--runs", type=int, default=1, help="how often to fit, the first one cold")
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return parser.parse_args()


def read(path: Path) -> tuple[dict[str, list[str]], dict[str, np.ndarray], np.ndarray]:
    """Labels and codes of model, item and judge, and the scores."""
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    labels, codes = {}, {}
    for name in ("model", "item", "judge"):
        column = pd.Categorical(table[name].astype(str))  # its categories are sorted
        labels[name], codes[name] = list(column.categories), column.codes.astype(np.int64)
    return labels, codes, table["score"].to_numpy(dtype=np.int64)


def timed(fit: Callable[[], Any], runs: int) -> tuple[Any, dict[str, Any]]:
    """The last fit, and the threads, seconds and memory of all of them."""
    before, seconds, processor = memory("VmRSS"), [], []
    for _ in range(runs):
        start, busy = time.perf_counter(), time.process_time()
        fitted = fit()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
    threads = os.environ.get("OMP_NUM_THREADS")
    return fitted, {
        "threads": threads,
        "seconds": seconds,
        "processor_seconds": processor,
        "before_mib": before,
        "peak_mib": memory("VmHWM"),
    }


def write(path: Path, result: dict[str, Any]) -> None:
    path.write_text(json.dumps(result, indent=1), encoding="utf-8")


def by_label(labels: list[str], values: Any) -> dict[str, float]:
    return dict(zip(labels, map(float, values), strict=True))


def memory(field: str) -> float | None:
    """MiB, from Linux: VmRSS or VmHWM. Not getrusage: its peak starts at that of the process that started this one."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = status.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))
