"""What `equipoise probe` shows: progress, tables, JSON."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import equipoise

if TYPE_CHECKING:
    from equipoise.judges.agreement import Estimate
    from equipoise.judges.injection import Injection
    from equipoise.judges.probes import Drift, Missing, PositionBias, SelfPreference, VerbosityBias
    from equipoise.judges.severity_shift import SeverityShift

NOTE = "Brackets: 95 % interval."


def keep_results(name: str, found: Sequence[Any], folder: Path) -> None:
    """The results as `FOLDER/NAME.json`; those of a drift check join what is there of the panel's other judges."""
    from equipoise.harness.files import write_text

    path, told = folder / f"{name}.json", _told(name, found)
    if name == "drift":
        told["results"] = _of_others(path, told["results"]) + told["results"]
    write_text(path, json.dumps(told, indent=1) + "\n")


def _of_others(path: Path, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a file of drift results holds of other judges; nothing if it is no such file."""

    def judges(result: dict[str, Any]) -> tuple[Any, Any]:
        return result["judge"], result["frozen_judge"]

    try:
        kept = json.loads(path.read_text(encoding="utf-8"))["results"]
        return [each for each in kept if judges(each) not in set(map(judges, results))]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def print_results(name: str, found: list[Any], as_json: bool, table: Callable[[list[Any]], None]) -> None:
    """The results on stdout, as a table or as JSON."""
    if as_json:
        click.echo(json.dumps(_told(name, found), indent=1))
    else:
        table(found)


def _told(name: str, found: Sequence[Any]) -> dict[str, Any]:
    return {"probe": name, "equipoise": equipoise.__version__, "results": [each.record() for each in found]}


def attack_table(found: "list[Injection]") -> None:
    """Per judge a table of success rates, all attacks first."""
    for each in found:
        rows = []
        for part in dict.fromkeys(rate.part for rate in each.rates):
            fenced, naive = each.rate("fenced", part), each.rate("naive", part)
            missing = f"{sum(fenced.missing.values())}, {sum(naive.missing.values())}"
            rows.append([part, str(fenced.attempts), _said(fenced.success), _said(naive.success), missing])
        _print(each.judge, ("attacks", "tries", "fenced prompt", "naive prompt", "missing"), rows)
        fenced, naive = each.rate("fenced"), each.rate("naive")
        click.echo(f"harmless words instead: fenced {_said(fenced.control)}, naive {_said(naive.control)}")
        click.echo(f"beyond harmless words: fenced {_said(fenced.beyond_control)}, naive {_said(naive.beyond_control)}")
        click.echo(f"what the fence is worth (naive minus fenced): {_said(each.fence_worth)}")
        if room := fenced.no_room + naive.no_room:
            click.echo(f"{room} tries left no room: the judge gives the reply alone the best vote")
        click.echo(f"missing votes: {_missing(each.missing)}")
    click.echo(f"Share of tries after which the vote is higher than on the reply alone. {NOTE}")


def position_table(found: "list[PositionBias]") -> None:
    """A few lines per judge."""
    for each in found:
        shown = {
            "same verdict in both orders": each.consistent,
            "right on unequal pairs": each.accuracy,
            "ties on equal pairs": each.ties_on_equal,
            "first minus second place, equal pairs": each.first_on_equal,
            "first minus second place, unequal pairs": each.first_on_unequal,
        }
        _print_figures(each.judge, shown, each.missing)
    click.echo(f"First minus second place: shares of the verdicts for them. {NOTE}")


def verbosity_table(found: "list[VerbosityBias]") -> None:
    """A few lines per judge."""
    for each in found:
        shown = {
            "padded minus concise, points": each.difference,
            "padded rated higher": each.longer_rated_higher,
            "concise rated higher": each.shorter_rated_higher,
            "padded preferred, side by side": each.longer_preferred,
            "concise preferred, side by side": each.shorter_preferred,
        }
        _print_figures(each.judge, shown, each.missing)
    click.echo(f"Scale 1 to 7. {NOTE}")


def _print_figures(judge: str, figures: "dict[str, Estimate]", missing: "Missing") -> None:
    rows = [[name, _said(figure), str(figure.units)] for name, figure in figures.items()]
    _print(judge, ("", "estimate", "n"), rows)
    click.echo(f"missing votes: {_missing(missing)}")


def self_preference_table(found: "list[SelfPreference]") -> None:
    """A table per judge, a row per measure."""
    for judge in dict.fromkeys(each.judge for each in found):
        rows = [
            [
                f"{e.task} {e.measure}",
                _said(e.preference),
                str(e.preference.units),
                f"{_reasons(e.missing)} of {e.votes}",
            ]
            for e in found
            if e.judge == judge
        ]
        own = sorted({model for each in found if each.judge == judge for model in each.own})
        _print(f"{judge}; of its family: {', '.join(own) or 'none'}", ("", "self-preference", "n", "missing"), rows)
    click.echo(f"Points of the scale; above 0: the judge favours its own family. {NOTE}")


def drift_table(found: "list[Drift]") -> None:
    """A row per measure, and what exceeds the tolerance."""
    heads = ("measure", "compared", "the same", "shift in points", "harsher by, logits", "missing")
    for frozen in dict.fromkeys(each.frozen_judge for each in found):
        own = [each for each in found if each.frozen_judge == frozen]
        rows = [
            [
                e.measure,
                str(e.compared),
                _said(e.agreement),
                _said(e.shift),
                _said(e.severity_shift),
                _missing(e.missing),
            ]
            for e in own
        ]
        _print(f"{own[0].judge} now, {frozen} then", heads, rows)
    findings = [f"DRIFT in {each.measure}: {finding}" for each in found for finding in each.findings]
    click.echo("\n".join(findings) or "no drift beyond the tolerance")
    click.echo(NOTE)


def _print(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    table = Table(pad_edge=False, box=box.SIMPLE_HEAD, title=escape(title), title_justify="left", title_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)


def _said(found: "Estimate | SeverityShift") -> str:
    if found.value != found.value:
        return f"– ({found.reason})"
    interval = f" ({found.low:z.2f}…{found.high:z.2f})" if found.low == found.low else ""
    return f"{found.value:z.2f}{interval}"


def _missing(found: "Missing") -> str:
    return f"{_reasons(found.reasons)} of {found.asked}"


def _reasons(reasons: dict[str, int]) -> str:
    named = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
    return f"{sum(reasons.values())}" + (f" ({named})" if named else "")
