"""The header of a log against the edition: the right task, version, settings, roles and epochs."""

import re
from collections.abc import Iterator
from typing import Any

from inspect_ai.log import EvalLog
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from equipoise.harness.metadata import model_revision
from equipoise.harness.roles import logged_roles, related
from equipoise.judges import ROLE
from equipoise.leaderboard.edition import Edition, FrozenTask
from equipoise.leaderboard.intake.replay import role_configs
from equipoise.leaderboard.manifest import Code, Manifest, code_of

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")

STEERING = {
    "system_message", "logit_bias", "stop_seqs", "best_of", "num_choices", "response_schema", "extra_body",
    "fallback_models",
}  # fmt: skip
"""Settings by which another model can be made to say what one likes."""


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
    yield from _facts(log, manifest)
    yield from _roles(log, edition)


def _facts(log: EvalLog, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """What the manifest says of the run is what the log tells."""
    spec = log.eval
    for name in ("eval_id", "run_id"):
        if not IDENTIFIER.fullmatch(getattr(spec, name)):
            yield f"eval.{name}", f"expected letters and digits, found {getattr(spec, name)[:80]!a}"
    if not isinstance((spec.metadata or {}).get("model_revisions", {}), dict):
        yield "eval.metadata.model_revisions", "expected revisions by model"
        return
    revision = model_revision(spec)
    if revision and revision != manifest.model.revision:
        yield "model.revision", f"the log tells {revision!r}, the manifest says {manifest.model.revision!r}"
    told, said = code_of(log), manifest.code
    for name in Code.model_fields:
        if getattr(told, name) != getattr(said, name):
            message = f"the log tells {getattr(told, name)!r}, the manifest says {getattr(said, name)!r}"
            yield f"code.{name}", message


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
    for role, bound in role_configs(log.eval).items():
        for name in sorted({name for one in bound for name in one.config.model_dump(exclude_none=True)} & STEERING):
            yield f"eval.model_roles.{role}.config.{name}", "nobody but the protocol tells a role what to say"
    for judge in edition.spec.panel.models:
        if related(judge, subject):
            yield "eval.model", f"{subject!r} is of the family of the panel's judge {judge!r}: nobody judges itself"


def _comparability(version: str) -> str:
    return version.partition("-")[0]


def _plain(value: Any) -> Any:
    """JSON knows no tuples."""
    return list(value) if isinstance(value, tuple) else value
