"""Options that several commands share."""

import click

draws = click.option(
    "--draws",
    type=click.IntRange(0, 100_000),
    default=2000,
    show_default=True,
    help="Bootstrap draws; 0 = no intervals.",
)
