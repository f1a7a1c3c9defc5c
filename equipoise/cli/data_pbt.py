"""`equipoise data pbt`: dialogue trees between two agents, and the preference pairs in them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from equipoise.cli.run import pairs
from equipoise.errors import InputError

if TYPE_CHECKING:
    from equipoise.training.pbt.grow import Progress
    from equipoise.training.pbt.plan import Plan

LOCK_FILE = ".lock"

LINE_SECONDS = 10.0
"""Least time between two lines of progress where stderr is no terminal."""

WHY = {
    "resist": "nobody who was right was told something else and then both kept and lost the right answer",
    "accept": "nobody who was wrong was told the right answer and then both took and refused it",
}
"""What siblings must do for a pair of each kind."""


@click.command("pbt")
@click.option("--questions", "source", help="trivia, commonsense, all, a JSONL file, or another source of items.")
@click.option("--agent-a", help="Inspect model name of the first agent.")
@click.option("--agent-b", help="Of the second; it may be the same model.")
@click.option("--extractor", default="", help="Model that shortens each reply to its answer [default: read strictly].")
@click.option(
    "--filter", "filter_", default="", help="Model that compares answers no alias connects, and reads stances."
)
@click.option("--shape", "shape_file", type=click.Path(path_type=Path), help="YAML file [default: the tree 1-1-2-3].")
@click.option("--first", type=click.Choice(["alternate", "both"]), default="alternate", show_default=True,
              help="Who answers first: the agents in turn, or each in a tree of its own.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="Only N questions, in the order of their ids' hashes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sampling.")
@click.option("--temperature", type=click.FloatRange(0), default=0.7, show_default=True, help="Of the replies.")
@click.option("--max-tokens", type=click.IntRange(1), default=80, show_default=True, help="Of a reply.")
@click.option("-M", "model_args", multiple=True, callback=pairs, metavar="K=V", help="Argument of both agents' models.")
@click.option("--max-connections", type=click.IntRange(1), help="Calls at the same time per model [default: its own].")
@click.option("--max-retries", type=click.IntRange(0), default=5, show_default=True, help="Of a failing call.")
@click.option("--pairs-per-question", type=click.IntRange(1), default=4, show_default=True,
              help="Most pairs of a question and dimension in a training arm.")  # fmt: skip
@click.option("--credit-filter", is_flag=True, help="Drop pairs that the recursive credit per reply contradicts.")
@click.option("-o", "--output", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the data.")
@click.option("--explain", metavar="ITEM", help="Draw the tree of ITEM; of a finished folder without any model.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    source: str | None, agent_a: str | None, agent_b: str | None, extractor: str, filter_: str,
    shape_file: Path | None, first: Any, limit: int | None, seed: int, temperature: float, max_tokens: int,
    model_args: dict[str, Any], max_connections: int | None, max_retries: int, pairs_per_question: int,
    credit_filter: bool, folder: Path, explain: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Let two agents discuss QUESTIONS in trees, and write the pairs in which one resists or accepts persuasion.

    A tree: independent first answers of both, then two replies of the first agent (told to accept, told to resist),
    then three replies to each by the second (persuading by emotion, credibility, logic). A branch ends where the
    answers agree. All open trees wait for the same level, so that a batching backend is always full. Replies are kept
    as they arrive: the same command goes on, and repeats no finished call.
    Exit code: 0 done, 1 some calls failed or no pair of one kind came out (files are written), 2 bad input, 130
    interrupted.

    \b
    Examples:
      equipoise data pbt --questions trivia --agent-a openai/gpt-5-mini --agent-b vllm/my-org/my-model -o pbt/
      equipoise data pbt --questions my_items.jsonl --agent-a hf/A --agent-b hf/B --extractor hf/A --filter hf/A -o pbt/
      equipoise data pbt -o pbt/ --explain trivia-0018
    """
    if source is None and agent_a is None and agent_b is None:
        if explain is None:
            raise click.UsageError("expected --questions, --agent-a and --agent-b, or --explain ITEM with -o")
        _explain(folder, explain)
        return
    if not (source and agent_a and agent_b):
        raise click.UsageError("expected all of --questions, --agent-a and --agent-b")
    from equipoise.training.pbt.plan import Plan, questions
    from equipoise.training.pbt.shape import Shape, read_shape

    asked = questions(source, limit)
    plan = Plan(
        agents={"a": agent_a, "b": agent_b}, extractor=extractor, filter=filter_, model_args=model_args,
        temperature=temperature, max_tokens=max_tokens, shape=read_shape(shape_file) if shape_file else Shape(),
        first=first, seed=seed, questions={one.item: one.item_hash for one in asked},
        pairs_per_question=pairs_per_question, credit_filter=credit_filter,
    )  # fmt: skip
    raise SystemExit(_make(plan, asked, folder, explain, max_connections, max_retries, as_json))


def _make(
    plan: "Plan", asked: list[Any], folder: Path, explain: str | None, max_connections: int | None, max_retries: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Grow the trees, write the data set; the exit code."""
    import anyio
    from inspect_ai.model import GenerateConfig

    from equipoise.cli.terminal import plain
    from equipoise.harness.files import locked
    from equipoise.harness.run import build_model, terminated_like_interrupted
    from equipoise.training.pbt.dataset import write_dataset
    from equipoise.training.pbt.grow import Grower, Progress
    from equipoise.training.pbt.node import Node
    from equipoise.training.pbt.plan import seedlings
    from equipoise.training.pbt.store import NODES_FILE, VERDICTS_FILE, Lines, Verdict
    from equipoise.training.pbt.summary import Summary

    config = GenerateConfig(max_connections=max_connections, max_retries=max_retries, seed=plan.seed)
    agents = set(plan.agents.values())
    names = {*agents, *filter(None, (plan.extractor, plan.filter))}
    models = {  # each once: two weights in memory, or two servers, would halve the batches
        name: build_model(name, {**(plan.model_args if name in agents else {}), "config": config}) for name in names
    }
    with locked(folder / LOCK_FILE, wait=False), terminated_like_interrupted():
        plan.keep(folder)
        kept = Lines(folder / NODES_FILE, Node)
        if kept.found:
            click.echo(f"going on with {len(kept.found):,} replies of an earlier start", err=True)
        with _shown() as watch:
            grower = Grower(
                plan, seedlings(asked, plan.first), {agent: models[name] for agent, name in plan.agents.items()},
                kept, Lines(folder / VERDICTS_FILE, Verdict), models.get(plan.extractor), models.get(plan.filter),
                watch,
            )  # fmt: skip

            async def make() -> Summary:  # in one event loop, to which the connections of the filter model belong
                return await write_dataset(
                    await grower.grow(), folder, plan, per_question=plan.pairs_per_question,
                    stance=models.get(plan.filter), credit=plan.credit_filter,
                    watch=lambda done, needed: watch(Progress(all=needed, done=done)),
                )  # fmt: skip

            summary = anyio.run(make)
    if as_json:
        click.echo(json.dumps(summary.model_dump(mode="json"), indent=1))
    else:
        click.echo("\n".join(plain(line) for line in summary.lines()))
    if explain:
        _explain(folder, explain, to_stderr=as_json)
    failed = grower.progress.failed
    if failed:
        error = plain(grower.progress.error)
        click.echo(f"equipoise: {failed} calls failed ({error:.200}); run the same command to go on", err=True)
    empty = [kind for kind in WHY if not failed and not sum(getattr(rows, kind) for rows in summary.rows)]
    for kind in empty:
        click.echo(
            f"equipoise: no {kind!r} pair is left: {WHY[kind]}, or the filters dropped them; take more questions, or "
            "other agents",
            err=True,
        )
    return 1 if failed or empty else 0


def _explain(folder: Path, item: str, to_stderr: bool = False) -> None:
    """Draw every tree of an item: a picture in the folder, and text for the terminal."""
    from rich.console import Console

    from equipoise.cli.terminal import plain
    from equipoise.training.pbt.explain import draw, outline
    from equipoise.training.pbt.node import trees_of
    from equipoise.training.pbt.store import read_nodes

    every = read_nodes(folder)
    nodes = [node for node in every if node.asked.item == item]
    if not nodes:
        some = ", ".join(list(dict.fromkeys(plain(node.asked.item) for node in every))[:3])
        raise InputError(f"holds no tree of item {plain(item)!r}; it has {some or 'none at all'}, …", path=folder)
    for tree in trees_of(nodes):
        path = folder / f"tree-{next(iter(tree.nodes.values())).tree}.svg"
        draw(tree, path)
        Console(stderr=to_stderr).print(outline(tree))
        click.echo(f"picture: {plain(str(path))}", err=to_stderr)


@contextmanager
def _shown() -> "Iterator[Callable[[Progress], None]]":
    """Progress on stderr: a bar on a terminal, else a line now and then; nothing before there is something to show."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console) as show:
            yield show
    else:
        yield _Lines()


@contextmanager
def _bar(console: Any) -> "Iterator[Callable[[Progress], None]]":
    from rich import progress as rich_progress

    columns = rich_progress.BarColumn(), rich_progress.MofNCompleteColumn(), rich_progress.TimeRemainingColumn()
    bar = rich_progress.Progress("{task.description}", *columns, "{task.fields[rate]}", console=console)
    levels: dict[int, Any] = {}

    def show(progress: "Progress") -> None:
        bar.start()
        if progress.level not in levels:
            levels[progress.level] = bar.add_task(_phase(progress), rate="")
        bar.update(levels[progress.level], total=progress.all, completed=progress.done, rate=_speed(progress))

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


class _Lines:
    """Progress as plain lines: at the start and end of a level, and in between at most every `LINE_SECONDS`."""

    def __init__(self) -> None:
        self.level, self.began, self.before, self.told = 0, 0.0, 0, 0.0

    def __call__(self, progress: "Progress") -> None:
        """Write a line if it is time."""
        from time import monotonic

        now = monotonic()
        begins = progress.level != self.level
        if begins:
            self.level, self.began, self.before = progress.level, now, progress.done
        if not begins and progress.done < progress.all and now - self.told < LINE_SECONDS:
            return
        self.told = now
        new = progress.done - self.before
        eta = (
            f", about {(now - self.began) / new * (progress.all - progress.done):.0f} s to go"
            if new and progress.done < progress.all
            else ""
        )
        unit = "replies" if progress.level else "readings"
        told = f"{_phase(progress)}: {progress.done} of {progress.all} {unit}{eta}"
        click.echo(", ".join(filter(None, (told, _speed(progress)))), err=True)


def _phase(progress: "Progress") -> str:
    return f"level {progress.level} of {progress.levels}" if progress.level else "filter"


def _speed(progress: "Progress") -> str:
    """Tokens a second where the provider counts them, and what failed."""
    rate = f"{progress.rate:.0f} tokens/s" if progress.tokens else ""
    return ", ".join(filter(None, (rate, f"{progress.failed} failed" if progress.failed else "")))
