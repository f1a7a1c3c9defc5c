"""`equipoise irt simulate`: ratings with known truths."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from equipoise.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from equipoise.judges.irt import Simulation


@click.command("simulate", short_help="Ratings with known truths.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=".csv, .parquet or .jsonl")
@click.option("--models", type=click.IntRange(1), required=True, help="Number of models.")
@click.option("--items", type=click.IntRange(1), required=True, help="Number of items.")
@click.option("--judges", type=click.IntRange(1), required=True, help="Number of judges.")
@click.option("--categories", type=click.IntRange(2, 127), default=5, show_default=True, help="Of the scale.")
@click.option("--ratings", type=click.IntRange(1), help="Number of ratings [default: everyone rates everything].")
@click.option("--design", type=click.Choice(["cells", "responses"]), default="cells", show_default=True,
              help="What is drawn with --ratings: single ratings, or responses that every judge rates.")  # fmt: skip
@click.option("--sd-ability", type=click.FloatRange(0), default=1.0, show_default=True, help="Of models, logits.")
@click.option("--sd-difficulty", type=click.FloatRange(0), default=1.0, show_default=True, help="Of items, logits.")
@click.option("--sd-severity", type=click.FloatRange(0), default=0.5, show_default=True, help="Of judges, logits.")
@click.option("--thresholds", type=click.FloatRange(0), default=1.5, show_default=True, help="Even, from -X to X.")
@click.option("--response-sd", type=click.FloatRange(0), default=0.0, show_default=True,
              help="Quality of one response that its judges share, logits.")  # fmt: skip
@click.option("--slope-sd", type=click.FloatRange(0), default=0.0, show_default=True, help="Of judges' log slopes.")
@click.option("--bias", type=click.FloatRange(0), default=0.0, show_default=True, help="SD of model by judge, logits.")
@click.option("--adversary", type=click.Choice(["constant", "random", "reversed"]), help="What the last judge does.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same ratings.")
@click.option("--truth", type=click.Path(path_type=Path), help="The true values, as an anchor file (CSV).")
def simulate(output: Path, truth: Path | None, **design: Any) -> None:
    """Draw ratings from the model with known truths: how many are needed, and what wrong assumptions cost.

    \b
    Examples:
      equipoise irt simulate -o ratings.csv --models 12 --items 40 --judges 4 --ratings 960 --seed 1
      equipoise irt simulate -o panel.parquet --models 20 --items 100 --judges 3 --ratings 3000 --design responses \\
        --response-sd 0.5 --truth truth.csv
    """
    from equipoise.harness.files import write_whole
    from equipoise.judges import irt

    if output.suffix not in (".csv", ".parquet", ".jsonl"):
        raise InputError("expected a name that ends in .csv, .parquet or .jsonl", path=output)
    made = irt.simulate(**design)
    table = made.ratings
    if output.suffix == ".parquet":
        write_whole(output, lambda partial: table.to_parquet(partial, index=False))
    elif output.suffix == ".csv":
        write_whole(output, lambda partial: table.to_csv(partial, index=False))
    else:
        write_whole(output, lambda partial: table.to_json(partial, orient="records", lines=True))
    if truth is not None:
        irt.write_anchors(_truth(made), truth)
    sizes = ", ".join(f"{table[name].nunique()} {name}s" for name in ("model", "item", "judge"))
    click.echo(f"{output}: {len(table):,} ratings of {sizes}")


def _truth(made: "Simulation") -> "pd.DataFrame":
    """The values that ratings were drawn from, as anchors; an adversary has none."""
    import numpy as np
    import pandas as pd

    parts = {"model": made.abilities, "item": made.difficulties, "judge": made.severities}
    frames = [
        pd.DataFrame(
            {"facet": facet, "label": values.index.astype(str), "category": np.nan, "measure": values.to_numpy()}
        )
        for facet, values in parts.items()
    ]
    steps = pd.DataFrame({"facet": "threshold", "label": "common", "category": [0, *made.thresholds.index],
                          "measure": [np.nan, *made.thresholds]})  # fmt: skip
    return pd.concat([*(frame.dropna(subset="measure") for frame in frames), steps], ignore_index=True)
