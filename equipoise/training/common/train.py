"""A training from pairs to a candidate: SFT, DPO, chosen checkpoint merged; the same call goes on where it stopped."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from equipoise.harness.files import locked, write_text
from equipoise.training.common.batches import is_first
from equipoise.training.common.candidate import write_candidate
from equipoise.training.common.checkpoints import copy_weights, drop_after, last_whole, step_of
from equipoise.training.common.history import History
from equipoise.training.common.job import Prepared, require_device
from equipoise.training.common.memory import memory_told
from equipoise.training.common.plan import LOCK, Plan, begin, finish
from equipoise.training.common.progress import Progress

MODEL = "model"
FINAL = "final"


def train(prepared: Prepared) -> Path:
    """Run what is not done yet.

    Returns:
        The candidate's folder.

    Raises:
        InputError: The folder holds another training, memory does not suffice, or the loss is no number.
    """
    job = prepared.job
    require_device(job.settings)
    # Of several processes of one training the first keeps other trainings out of the folder.
    with locked(job.out / LOCK, wait=False) if is_first() else nullcontext():
        plan = begin(prepared)
        if not (plan.get("finished") and (job.out / MODEL).is_dir()):
            try:
                _stages(prepared, plan)
            except BaseException:  # an interrupt, too
                if is_first():
                    with suppress(Exception):  # what went wrong matters more than pages that cannot be written
                        write_pages(job.out)
                raise
    return job.out / MODEL


def _stages(prepared: Prepared, plan: Plan) -> None:
    from equipoise.training.common.quiet import libraries_quiet
    from equipoise.training.common.stages import dpo_trainer, sft_trainer

    job, base, out = prepared.job, prepared.base, prepared.job.out
    sft, dpo = out / "sft", out / "dpo"
    history = History(out, is_first())
    total = sum(each.steps for each in prepared.steps.values())
    with libraries_quiet(), Progress(total, is_first()) as progress:
        if not (sft / FINAL).is_dir():
            _stage(
                "sft", sft, prepared, history, progress, 0, "",
                lambda: sft_trainer(base, job.settings, job.rows, sft, job.seed),
            )  # fmt: skip
        if not (dpo / FINAL).is_dir():
            _stage(
                "dpo", dpo, prepared, history, progress, prepared.steps["sft"].steps, job.score,
                lambda: dpo_trainer(base, sft / FINAL, job.settings, job.rows, dpo, job.seed),
            )  # fmt: skip
        if not is_first():
            return
        progress.doing("merging")
        with memory_told(job.settings, "merging"):
            write_candidate(base, dpo / FINAL, out / MODEL, job.settings)
        best = history.best("dpo", job.score) if job.score else None
        if job.score and not best:
            progress.tell("no dev check could read a reply: the last checkpoint was taken")
    finish(out, plan, f"dpo/checkpoint-{best['step'] if best else history.last_step('dpo')}")
    write_pages(out)


def write_pages(out: Path) -> None:
    """The report of what was done, finished or not; once there is a model its card, beside the weights too."""
    from equipoise.training.common.card import write_model_card
    from equipoise.training.common.report import write_training_report

    write_training_report(out)
    if (out / MODEL).is_dir():
        write_text(out / MODEL / "README.md", write_model_card(out).read_text(encoding="utf-8"))


def _stage(
    name: str, folder: Path, prepared: Prepared, history: History, progress: Progress, before: int, score: str,
    make: Callable[[], Any],
) -> None:  # fmt: skip
    """Train a stage to its end, and put its model into `final`."""
    found = last_whole(folder)
    done = step_of(found) if found else 0
    if is_first():
        drop_after(folder, done)
    history.cut(name, done)
    if done < prepared.steps[name].steps:  # the Trainer would do one more step after the last one of a broken epoch
        _train(name, folder, prepared, history, progress, before, score, make, found)
    if is_first():
        _finish_stage(folder, history.best(name, score) if score else None)
    _wait_for_all()


def _train(
    name: str, folder: Path, prepared: Prepared, history: History, progress: Progress, before: int, score: str,
    make: Callable[[], Any], found: Path | None,
) -> None:  # fmt: skip
    """From the checkpoint that was found, or from the start, to the last step."""
    from transformers import PrinterCallback

    from equipoise.training.common.watch import Watch, Watched

    job = prepared.job
    if found:
        progress.tell(f"{name}: going on after step {step_of(found)}")
    progress.doing(f"{name}: loading")
    with memory_told(job.settings, name):
        trainer = make()
        check = job.check(prepared.base.tokenizer) if job.check else None
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(Watch(Watched(name, folder, history, progress, before, check, score)))
        trainer.train(resume_from_checkpoint=str(found) if found else None)
    del trainer
    _free()


def _finish_stage(folder: Path, best: dict[str, Any] | None) -> None:
    last = last_whole(folder)
    if best:
        (folder / f"best-{best['step']}").replace(folder / FINAL)
    elif last:
        copy_weights(last, folder / FINAL)
    (folder / "README.md").unlink(missing_ok=True)  # the libraries' own card, which knows nothing of the training


def _free() -> None:
    """Give a stage's model back before the next one is loaded: a Trainer is full of cycles that keep it."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _wait_for_all() -> None:
    """Of several processes none goes on before the first has written what the others will read."""
    import torch

    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()
