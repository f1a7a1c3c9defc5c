"""`equipoise gate`: GO, NO-GO or INCONCLUSIVE, with an exit code for CI."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from equipoise.cli import options

if TYPE_CHECKING:
    from equipoise.harness.gate import Verdict


STYLES = {
    "PASS": "green", "BREACH": "red", "INSUFFICIENT": "yellow", "GO": "green", "NO-GO": "red", "INCONCLUSIVE": "yellow",
}  # fmt: skip


def show_policy(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Print the default policy and stop."""
    if wanted and not ctx.resilient_parsing:
        from equipoise.harness.gate import default_policy_text

        click.echo(default_policy_text(), nl=False)
        ctx.exit()


@click.command("gate")
@click.argument("base")
@click.argument("candidate")
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="YAML [default: see --show-policy].")
@click.option("--show-policy", is_flag=True, is_eager=True, expose_value=False, callback=show_policy,
              help="Print the default policy, to be copied and changed, and exit.")  # fmt: skip
@click.option("--base-model", default="", help="Model of BASE, if it holds several.")
@click.option("--model", default="", help="Model of CANDIDATE, if it holds several.")
@click.option("--drift", "drift_files", type=click.Path(path_type=Path), multiple=True,
              help="Result of `equipoise probe drift` for the judges of today; repeat for several.")  # fmt: skip
@click.option("--explain", "explaining", is_flag=True, help="Every comparison in sentences, and what to do next.")
@click.option("--json", "as_json", is_flag=True, help="The verdict as one JSON object on stdout.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write a summary for a pull request.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML.")
@click.option("--lenient", is_flag=True, help="Exit with 0 on INCONCLUSIVE; the verdict stays what it is.")
@options.draws
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the bootstrap.")
def command(
    base: str, candidate: str, policy_file: Path | None, base_model: str, model: str, drift_files: tuple[Path, ...],
    explaining: bool, as_json: bool, markdown: Path | None, junit: Path | None, lenient: bool, draws: int, seed: int,
) -> None:  # fmt: skip
    """Decide whether CANDIDATE may take the place of BASE: a run folder, a baseline's name, or a table file.

    Each comparison of the policy passes if its whole interval lies within the limit, and is a breach if it lies beyond
    it. GO: all blocking comparisons pass. NO-GO: at least one breach. INCONCLUSIVE: anything else.
    Exit code: 0 GO, 1 NO-GO, 2 INCONCLUSIVE, 3 no verdict (bad input, wrong usage, a crash).

    \b
    Examples:
      equipoise gate runs/base runs/candidate
      equipoise gate production runs/candidate --explain
      equipoise gate base.parquet candidate.csv --policy policy.yaml --json
      equipoise gate production runs/candidate --drift drift-november --markdown summary.md --junit gate.xml
    """
    from equipoise.cli.sides import read_sides
    from equipoise.harness.files import write_text
    from equipoise.harness.gate import default_policy, gate, read_policy
    from equipoise.harness.gate.outputs import to_json, to_junit, to_markdown
    from equipoise.harness.judge_shift import read_shifts

    policy = read_policy(policy_file) if policy_file else default_policy()
    shifts = read_shifts(*drift_files)
    baseline, challenger = read_sides((base, base_model), (candidate, model))
    verdict = gate(baseline, challenger, policy, shifts, draws, seed)
    if markdown:
        write_text(markdown, to_markdown(verdict))
    if junit:
        write_text(junit, to_junit(verdict))
    if as_json:
        click.echo(to_json(verdict))
    else:
        _print(verdict, explaining)
    click.get_current_context().exit(0 if lenient and verdict.verdict == "INCONCLUSIVE" else verdict.exit_code)


def _print(verdict: "Verdict", explaining: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from equipoise.cli.terminal import safe
    from equipoise.harness.gate.explain import change, explain, number
    from equipoise.harness.gate.outputs import FOOTNOTE, limit_text

    console = Console()
    table = Table(pad_edge=False, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("decision", no_wrap=True)
    table.add_column("comparison", overflow="fold", min_width=14)
    level = f"{1 - 2 * verdict.policy.alpha:.0%} interval"
    for heading in ("baseline\ncandidate", f"change\n{level}", "limit\nitems"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in verdict.decisions:
        tier = "" if each.blocks else "\n[dim]advisory[/dim]"
        interval = f"\n[dim]{change(each.low, each)} … {change(each.high, each)}[/dim]" if each.n else ""
        missing = max(each.missing_baseline, each.missing_candidate) if each.n else 0
        lost = f"\n[dim]{missing:.1%} lost[/dim]" if missing else ""
        table.add_row(
            f"[{STYLES[each.decision]}]{each.decision}[/]", safe(each.name) + tier,
            f"{number(each.baseline, each)}\n{number(each.candidate, each)}", change(each.estimate, each) + interval,
            f"{limit_text(each)}\n[dim]{each.n} items[/dim]{lost}",
        )  # fmt: skip
    console.print(table)
    console.print(FOOTNOTE, style="dim")
    for check in verdict.checks:
        console.print(
            f"{'ok  ' if check.passed else 'FAIL'} {safe(check.name)}: {safe(check.message)}",
            style="dim" if check.passed else "",
        )
    for note in verdict.notes:
        console.print(f"note {safe(note)}", style="dim")
    console.print()
    if explaining:
        for paragraph in explain(verdict):
            console.print(safe(paragraph) + "\n")
    else:
        for reason in verdict.reasons:
            console.print(f"- {safe(reason)}")
    console.print(verdict.verdict, style=f"bold {STYLES[verdict.verdict]}")
