"""The header of a log against the edition: the right task, version, settings, roles and epochs."""

from collections.abc import Iterator
from typing import Any

from inspect_ai.log import EvalLog
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from equipoise.harness.roles import logged_roles, related
from equipoise.judges import ROLE
from equipoise.leaderboard.edition import Edition, FrozenTask
from equipoise.leaderboard.manifest import Manifest


def header_problems(log: EvalLog, task: FrozenTask, edition: Edition, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Field and message of everything that does not fit, before any sample is read."""
    spec = log.eval
    yield from _versions(log, task, edition)
    if log.status != "success":
        yield "status", f"expected a run that came to its end, found {log.status!r}"
    if getattr(log, "invalidated", False):
        yield "invalidated", "the log was marked as invalid"
    if spec.model != manifest.model.model:
        yield "eval.model", f"expected {manifest.model.model!r} as in the manifest, found {spec.model!r}"
    for name, value in task.args.items():
        if name not in spec.task_args or _plain(spec.task_args[name]) != _plain(value):
            yield f"eval.task_args.{name}", f"expected {value!r}, found {spec.task_args.get(name, 'nothing')!r}"
    if (spec.config.epochs or 1) != task.epochs:
        yield "eval.config.epochs", f"expected {task.epochs}, found {spec.config.epochs or 1}"
    yield from _roles(log, edition)


def _versions(log: EvalLog, task: FrozenTask, edition: Edition) -> Iterator[tuple[str, str]]:
    spec = log.eval
    said = str(spec.packages.get("inspect_ai", ""))
    try:
        known = Version(said) in SpecifierSet(edition.spec.inspect, prereleases=True)
    except InvalidVersion:
        known = False
    if not known:
        yield "eval.packages.inspect_ai", f"expected a version {edition.spec.inspect}, found {said!r}"
    version = str((spec.metadata or {}).get("full_version", spec.task_version))
    if _comparability(version) != _comparability(task.version):
        yield "eval.task_version", f"expected {task.version!r} of {task.task}, found {version!r}"


def _roles(log: EvalLog, edition: Edition) -> Iterator[tuple[str, str]]:
    """Whoever takes part is who the edition says, and nobody judges or answers itself."""
    subject = log.eval.model
    played = logged_roles(log.eval)
    for role, models in played.items():
        if role == ROLE:
            continue  # its votes are read one by one
        expected = edition.spec.simulators.get(role)
        if expected is None:
            yield f"eval.model_roles.{role}", "this edition has no such role"
        elif models != [expected]:
            yield f"eval.model_roles.{role}", f"expected {expected!r}, found {', '.join(models)!r}"
    panel = [judge.partition("@")[0] for judge in edition.spec.panel.judges]
    for judge in panel:
        if related(judge, subject):
            yield "eval.model", f"{subject!r} is of the family of the panel's judge {judge!r}: nobody judges itself"


def _comparability(version: str) -> str:
    return version.partition("-")[0]


def _plain(value: Any) -> Any:
    """JSON knows no tuples."""
    return list(value) if isinstance(value, tuple) else value
