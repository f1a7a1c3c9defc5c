"""The long table of 1,000,000 rows, from logs on disk to all metrics with intervals.

The logs are real ones, multiplied: a control agent runs once through Inspect, its samples are copied under new ids,
epochs and model names with answers redrawn and transcripts left out (neither reader opens them), and written with
Inspect's own log writer (not timed). Timed in a fresh process: reading the logs into the table, writing it, and all
metrics with 2,000 bootstrap draws. Peer for the reading: Inspect's own `samples_df` on the same logs.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 1_000_000
MODELS, EPOCHS = 10, 4


def make_logs(folder: Path) -> None:
    from inspect_ai import eval as inspect_eval
    from inspect_ai.log import write_eval_log

    from equipoise.tasks import persuasion

    log = inspect_eval(
        persuasion(n_items=10, start="seeded"), model="equipoise/stubborn", log_dir=str(folder / "seed"), display="none"
    )[0]
    samples = log.samples
    rows = sum(len(turns) for s in samples for b in s.scores["beliefs"].metadata.values() for turns, _ in b.values())
    copies = -(-ROWS // (rows * MODELS * EPOCHS))
    generator = random.Random(0)
    for number in range(MODELS):
        log.eval.model, log.eval.task_id, log.eval.eval_id = f"made/model-{number}", f"task-{number}", f"eval-{number}"
        log.samples = [
            _copy(sample, f"{copy}", epoch, generator)
            for epoch in range(1, EPOCHS + 1)
            for copy in range(copies)
            for sample in samples
        ]
        write_eval_log(log, str(folder / f"model-{number}.eval"))


def _copy(sample, suffix: str, epoch: int, generator: random.Random):
    metadata = {
        **sample.metadata,
        "item": f"{sample.metadata['item']}-{suffix}",
        "family": f"{sample.metadata['family']}-{suffix}",
    }
    score = sample.scores["beliefs"]
    blocks = {
        key: {m: [turns, [float(generator.random() < 0.5) for _ in cells]] for m, (turns, cells) in block.items()}
        for key, block in score.metadata.items()
    }
    scores = {"beliefs": score.model_copy(update={"metadata": blocks})}
    update = {"id": f"{sample.id}-{suffix}", "epoch": epoch, "metadata": metadata, "scores": scores, "uuid": None}
    return sample.model_copy(update={**update, "events": [], "messages": [], "store": {}})


def measure(folder: Path) -> None:
    """In a process of its own: seconds of each step and peak memory, as JSON."""
    import equipoise.tasks  # noqa: F401  (registers the metrics)
    from equipoise.harness.metrics import compute_metrics
    from equipoise.harness.table import TABLE_FILE, build_table, read_table, write_table

    times = {}
    start = time.perf_counter()
    table = build_table(folder)
    write_table(table, folder / TABLE_FILE)
    times["logs to table"] = time.perf_counter() - start
    del table
    start = time.perf_counter()
    metrics = compute_metrics(read_table(folder))
    times["table to metrics"] = time.perf_counter() - start
    rows = len(read_table(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"times": times, "rows": rows, "metrics": len(metrics), "peak_gb": peak}))


def peer(folder: Path) -> None:
    from inspect_ai.analysis import samples_df

    start = time.perf_counter()
    frame = samples_df(str(folder), quiet=True)
    print(json.dumps({"seconds": time.perf_counter() - start, "samples": len(frame)}))


def in_process(mode: str, folder: Path) -> dict:
    done = subprocess.run([sys.executable, __file__, mode, str(folder)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        logs = Path(root) / "logs"
        logs.mkdir()
        make_logs(logs)
        for file in (logs / "seed").iterdir():
            file.unlink()
        ours, theirs = in_process("measure", logs), in_process("peer", logs)
    total = sum(ours["times"].values())
    print(f"{ours['rows']:,} rows of {theirs['samples']:,} samples, {ours['metrics']:,} metrics with 2,000 draws")
    for step, seconds in ours["times"].items():
        print(f"{step:18s} {seconds:6.1f} s")
    print(f"{'together':18s} {total:6.1f} s   (aim: under 60 s)")
    print(f"{'peak memory':18s} {ours['peak_gb']:6.2f} GB  (aim: under 2 GB)")
    ratio = ours["times"]["logs to table"] / theirs["seconds"]
    print(
        f"reading alone, peer samples_df (one row a sample, no beliefs): {theirs['seconds']:.1f} s, ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"measure": measure, "peer": peer}[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
