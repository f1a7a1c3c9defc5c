"""`equipoise run`: tasks on models, then table, metrics and report."""

from pathlib import Path
from typing import Any

import click

from equipoise.cli import options
from equipoise.errors import InputError


def pairs(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """`key=value` options; values are read as YAML scalars, as Inspect does."""
    import yaml

    found = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"expected KEY=VALUE, found {text!r}")
        try:
            found[key] = yaml.safe_load(value)
        except yaml.YAMLError:
            found[key] = value
    return found


def roles(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """`ROLE=MODEL` options; models of a role that is given twice add up."""
    found: dict[str, tuple[str, ...]] = {}
    for text in values:
        for role, names in pairs(ctx, parameter, (text,)).items():
            models = tuple(name.strip() for name in str(names).split(",") if name.strip())
            found[role] = tuple(dict.fromkeys((*found.get(role, ()), *models)))
    return found


@click.command("run")
@click.argument("tasks", nargs=-1, required=True)
@click.option("--model", "models", multiple=True, required=True, help="Inspect model name; repeat for several.")
@click.option("--controls", is_flag=True, help="Run the four control agents beside the models.")
@click.option("-T", "task_args", multiple=True, callback=pairs, metavar="K=V", help="Task argument.")
@click.option("-M", "model_args", multiple=True, callback=pairs, metavar="K=V", help="Model argument.")
@click.option(
    "--model-role",
    "given",
    multiple=True,
    callback=roles,
    metavar="ROLE=MODEL",
    help="For example partner=…; several models: judge=A,B, or the option again.",
)
@click.option("--allow-same", is_flag=True, help="Let the subject (or its family) be judge or partner; reported.")
@click.option("--limit", type=click.IntRange(1), help="Only the first N samples (arms stay balanced).")
@click.option("--epochs", type=click.IntRange(1), help="Repeats of every sample.")
@click.option("--temperature", type=float, help="Of the subject's replies.")
@click.option("--max-tokens", type=click.IntRange(1), help="Of the subject's replies.")
@click.option("--max-connections", type=click.IntRange(1), help="Requests at the same time per model.")
@click.option("--max-retries", type=click.IntRange(0), help="Of a failing request [default: without end].")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Run folder [default: runs/TASK-HASH].")
@click.option("--display", type=click.Choice(["full", "rich", "plain", "none"]), help="Progress display.")
@click.option("--json", "as_json", is_flag=True, help="Print the headline metrics as JSON.")
@options.draws
def command(
    tasks: tuple[str, ...], models: tuple[str, ...], controls: bool, task_args: dict[str, Any],
    model_args: dict[str, Any], given: dict[str, tuple[str, ...]], allow_same: bool, limit: int | None,
    epochs: int | None, temperature: float | None, max_tokens: int | None, max_connections: int | None,
    max_retries: int | None, output: Path | None, display: str | None, as_json: bool, draws: int,
) -> None:  # fmt: skip
    """Run TASKS (or suites) on models, then write table, metrics and report into the run folder.

    TASKS are task names, `sycophancy` (its five sub-tasks), the suites quick, standard, full, or YAML files
    (`equipoise suites quick > mine.yaml` is a start). The folder follows from the command: the same command resumes
    where it stopped, and repeats no finished sample.
    Exit code: 0 all samples finished, 1 some ended with an error, 2 bad input, 130 interrupted (SIGINT or SIGTERM; what
    had finished is kept, and no table, metrics or report is made of it).

    \b
    Examples:
      equipoise run quick --model equipoise/embedded
      equipoise run persuasion --model openai/gpt-5-mini --controls
      equipoise run standard --model vllm/my-org/my-checkpoint --model-role partner=openai/gpt-5-mini
      equipoise run debate --model openai/gpt-5-mini --model-role partner=anthropic/claude-opus-4,google/gemini-pro
      equipoise run sycophancy mine.yaml --model openai/gpt-5-mini -T n_items=50 -o runs/mine
    """
    from equipoise.cli import results
    from equipoise.cli.plan import build, plans
    from equipoise.harness.agents.policy import CONTROLS
    from equipoise.harness.run import LOGS, Plan, run
    from equipoise.judges import STORE_FILE, remembering

    planned, suites = plans(tasks, {**task_args, **({"allow_same": True} if allow_same else {})})
    generate = {"temperature": temperature, "max_tokens": max_tokens}
    for suite in suites:
        for role in suite.required_roles:
            if role not in given:
                raise InputError(f"suite {suite.name!r} needs the model role {role!r}: --model-role {role}=MODEL")
    plan = Plan(
        tasks=tuple(planned),
        models=tuple(dict.fromkeys(models)),
        controls=tuple(name for name in CONTROLS if controls and name not in models),
        model_args=model_args,
        roles={**{role: tuple(names.split(",")) for suite in suites for role, names in suite.roles.items()}, **given},
        generate={
            **{key: value for suite in suites for key, value in suite.generate.model_dump(exclude_none=True).items()},
            **{key: value for key, value in generate.items() if value is not None},
        },
        limit=limit,
        epochs=epochs,
        name=suites[0].name if suites else tasks[0].removeprefix("equipoise/").replace("/", "-"),
    )
    folder = output or plan.folder()
    built = [build(task) for task in plan.tasks]
    click.echo(f"run folder: {folder}", err=as_json)
    with remembering(folder / LOGS / STORE_FILE):
        failures = run(plan, built, folder, display or ("none" if as_json else None), max_connections, max_retries)
    metrics = results.finish(folder, draws)
    if as_json:
        results.print_json(m for m in metrics if m.headline)
    else:
        results.print_summary(metrics, folder)
    results.report_failures(failures)
