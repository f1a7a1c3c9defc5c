"""From a real run to a submission: what is in it, what is refused, and that no secret leaves."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalRevision, read_eval_log, write_eval_log

from equipoise.cli.plan import build
from equipoise.errors import InputError
from equipoise.judges.rejudge import finished_samples, keep_votes
from equipoise.judges.store import Store
from equipoise.leaderboard.edition import Edition
from equipoise.leaderboard.intake.check import Release
from equipoise.leaderboard.manifest import read_manifest
from equipoise.leaderboard.submission.choose import choose
from equipoise.leaderboard.submission.facts import facts
from equipoise.leaderboard.submission.scrub import Scrubber
from equipoise.leaderboard.submission.votes import vote_lines
from equipoise.leaderboard.submission.write import RefusedError, write_submission

MODEL = "equipoise/random"
SECRET = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"


def write(run: Path, edition: Edition, card: dict[str, str], target: Path, scrubber=None, validate=None):
    choice = choose(run / "logs", edition, MODEL)
    return write_submission(
        choice, Release(edition, build), "trial", card, target, scrubber or Scrubber({}), validate or (lambda *_: ())
    )


def log_of(run: Path, task: str = "are-you-sure", model: str = MODEL) -> Path:
    return next(
        path for path in sorted((run / "logs").glob(f"*{task}*"))
        if read_eval_log(str(path), header_only=True).eval.model == model
    )  # fmt: skip


def change(log: Path, alter) -> None:
    read = read_eval_log(str(log))
    alter(read)
    write_eval_log(read, str(log))


def interrupted(*_) -> list[str]:
    raise KeyboardInterrupt


def everything(folder: Path) -> bytes:
    """All bytes of a submission, logs unpacked and packed."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            parts += [path.name.encode(), path.read_bytes()]
        if path.suffix == ".eval":
            with zipfile.ZipFile(path) as archive:
                parts += [name.encode() + archive.read(name) for name in archive.namelist()]
    return b"\n".join(parts)


def test_a_clean_run_is_copied_byte_for_byte(finished_run, submitted_edition, card, tmp_path):
    made = write(finished_run, submitted_edition, card, tmp_path / "out")
    assert read_manifest(made.folder) == made.manifest and made.found == () and made.manifest.scrubbed == ()
    assert sorted(p.relative_to(made.folder).as_posix() for p in made.folder.rglob("*") if p.is_file()) == sorted(
        ["submission.json", *(file.path for file in made.manifest.files)]
    )
    for task, name in made.logs.items():
        original = log_of(finished_run, task.split("/")[-1].replace("_", "-"))
        assert (made.folder / "logs" / name).read_bytes() == original.read_bytes()
        assert name == f"{task.split('/')[-1]}_{read_eval_log(str(original), header_only=True).eval.eval_id}.eval"
    assert made.manifest.model.provider == "equipoise" and made.manifest.board == "trial"
    assert made.manifest.generation == {"top_p": 0.9}
    assert not list(tmp_path.glob(".out*"))


def test_votes_of_logs_and_store_stand_once_with_their_places(finished_run, submitted_edition, card, tmp_path):
    made = write(finished_run, submitted_edition, card, tmp_path / "out")
    lines = [json.loads(line) for line in (made.folder / "votes.jsonl").read_text().splitlines()]
    places = [(v["log"], v["sample"], v["epoch"], v["arm"], v["turn"]) for v in lines]
    assert places == sorted(places) and {p[0] for p in places} == {made.logs["equipoise/sycophancy_feedback"]}
    assert made.votes == {"equipoise/are_you_sure": 0, "equipoise/sycophancy_feedback": len(lines)}
    log = log_of(finished_run, "feedback")
    with Store(log.parent / "votes.sqlite") as store:
        for batch in finished_samples(str(log)):
            keep_votes(str(log), batch, store)
        first, vote = next(store.placed(log.name))
        later = vote.model_copy(update={"prompt_hash": "0" * 16, "raw": "later"})
        store.add([later])
        store.place([first._replace(key=later.key)], since=9e9)
    again = list(vote_lines({log: "x.eval"}))
    assert again == list(vote_lines({log: "x.eval"})) and len(again) == len(lines) + 1
    read = [json.loads(line) for line in again]
    where = first.sample, first.epoch, first.arm, first.turn
    here = [v["vote"] for v in read if (v["sample"], v["epoch"], v["arm"], v["turn"]) == where]
    assert [v["raw"] for v in here if v["measure"] == vote.measure] == [vote.raw, "later"]


def test_no_byte_of_a_submission_holds_a_planted_key(finished_run, submitted_edition, card, tmp_path):
    keys = {
        "openai": f"sk-proj-{SECRET}", "anthropic": f"sk-ant-api03-{SECRET}", "named": f"Zz9{SECRET[::-1]}",
        "variable": 'tüp "le" \\ value', "github": f"ghp_{SECRET}", "hf": f"hf_{'aBcDeFgH' * 4}ij",
    }  # fmt: skip

    def plant(log: Any) -> None:
        log.eval.model_args = {"api_key": keys["named"], "headers": {"Authorization": f"Bearer {keys['openai']}"}}
        log.eval.metadata = {**log.eval.metadata, "note": f"push https://joe:{keys['github']}@github.com/joe/x"}
        for sample in log.samples:
            sample.metadata["cell"] = f"/home/ada/keys/{keys['hf']}"
            sample.messages[-1].content = f"I saw {keys['variable']} and {keys['named']}, and \u2028 it is fine."
            sample.output.completion = f"the key {keys['anthropic']}!"
            sample.store["nested"] = json.dumps({"error": f"Traceback\n  File '/home/ada/a.py'\n{keys['openai']}"})

    for task in ("are-you-sure", "feedback"):
        change(log_of(finished_run, task), plant)
    scrubber = Scrubber({"X_SECRET": keys["variable"]}, "/home/ada", "ada")
    made = write(finished_run, submitted_edition, card, tmp_path / "out", scrubber)
    written = everything(made.folder)
    for secret in (*keys.values(), SECRET, "/home/ada", json.dumps(keys["variable"])[1:-1]):
        assert secret.encode() not in written
    assert b"t\\u00fcp" not in written
    kinds = {each.kind: each.count for each in made.manifest.scrubbed}
    assert {"openai-key", "anthropic-key", "named-secret", "environment-variable", "home-path"} <= set(kinds)
    assert "header.json" in {each.place for each in made.found if each.kind == "named-secret"}
    assert sum(kinds.values()) == sum(each.times for each in made.found)
    for name in made.logs.values():
        log = read_eval_log(str(made.folder / "logs" / name))
        assert log.eval.model_args["api_key"] == "[removed:named-secret]"
        told = "I saw [removed:environment-variable] and [removed:named-secret], and \u2028 it is fine."
        assert {sample.messages[-1].text for sample in log.samples} == {told}


def test_an_earlier_header_in_the_dead_part_of_a_log_is_not_sent(finished_run, submitted_edition, card, tmp_path):
    log = log_of(finished_run)
    with zipfile.ZipFile(log) as archive:
        header = archive.read("header.json")
    with zipfile.ZipFile(log, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(zipfile.ZipInfo("header.json"), header.replace(b'"success"', f'"{SECRET}"'.encode()))
        archive.writestr(zipfile.ZipInfo("header.json"), header)
    assert SECRET.encode() in log.read_bytes()
    made = write(finished_run, submitted_edition, card, tmp_path / "out")
    assert SECRET.encode() not in everything(made.folder) and made.found == ()
    copied = read_eval_log(str(made.folder / "logs" / made.logs["equipoise/are_you_sure"]))
    assert copied.status == "success"
    assert [s.output.completion for s in copied.samples] == [
        s.output.completion for s in read_eval_log(str(log)).samples
    ]


def test_several_models_and_unknown_ones_are_named(finished_run, submitted_edition):
    with pytest.raises(InputError, match="--model equipoise/oracle or --model equipoise/random"):
        choose(finished_run / "logs", submitted_edition)
    with pytest.raises(InputError, match="no run of openai/x; there is equipoise/oracle, equipoise/random"):
        choose(finished_run / "logs", submitted_edition, "openai/x")


def test_every_lacking_task_is_named_with_its_reason(finished_run, submitted_edition, card, tmp_path):
    first, second = submitted_edition.tasks
    absent = first.model_copy(update={"task": "equipoise/debate"})
    twice = first.model_copy(update={"epochs": 2})
    asked = second.model_copy(update={"args": {"n_items": 3}})
    log = log_of(finished_run, "feedback")
    for tasks, reason in (
        ((absent, second), r"tasks of edition t1: debate \(not run\)$"),
        ((absent, twice), r"debate \(not run\); are_you_sure \(run with 1 epochs, expected 2\)$"),
        ((asked,), r"feedback \(run with n_items=2, expected 3\)"),
        ((first.model_copy(update={"samples": {"a": "0"}}),), r"other items: 0 of the edition's 1 samples"),
    ):
        with pytest.raises(InputError, match=reason):
            write(finished_run, submitted_edition.model_copy(update={"tasks": tasks}), card, tmp_path / "out")
    change(log, lambda read: setattr(read, "status", "cancelled"))
    with pytest.raises(InputError, match=r"feedback \(not complete, \d of \d samples; resume the run\)"):
        write(finished_run, submitted_edition, card, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == [finished_run]


def test_the_newest_complete_attempt_is_taken_and_the_rest_told(finished_run, submitted_edition):
    log = log_of(finished_run)
    newer, cut = log.with_name("2099-01-01T00-00-00_newer.eval"), log.with_name("2099-01-02T00-00-00_cut.eval")
    for path, created, status in ((newer, "2099-01-01", "success"), (cut, "2099-01-02", "error")):
        read = read_eval_log(str(log))
        read.eval.created, read.status = f"{created}T00:00:00+00:00", status
        write_eval_log(read, str(path))
    only = submitted_edition.model_copy(update={"tasks": submitted_edition.tasks[:1]})
    choice = choose(finished_run / "logs", only, MODEL)
    assert choice.logs["equipoise/are_you_sure"].path == newer
    assert choice.left_out == (
        "other models: equipoise/oracle",
        "tasks that edition t1 does not have: sycophancy_feedback",
    )
    assert choice.others == {"equipoise/are_you_sure": tuple(sorted([log.name, cut.name]))}


def test_a_run_without_a_second_attempt_has_no_choice(finished_run, submitted_edition):
    assert choose(finished_run / "logs", submitted_edition, MODEL).others == {}


def test_a_run_that_was_interrupted_at_once_says_what_to_do(tmp_path, submitted_edition):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "eval-set.json").write_text("{}")
    for logs in (tmp_path, tmp_path / "logs"):
        with pytest.raises(InputError, match=r"no finished log; the run was interrupted\? run the same command again"):
            choose(logs, submitted_edition)


def test_a_refusal_names_the_variables_whose_values_were_taken_out_and_no_value(
    finished_run, submitted_edition, card, tmp_path
):
    words = {"OTHER_API_KEY": "Are you sure?", "LAB_TOKEN": "sycophancy", "UNMET_TOKEN": "nowhere to be met"}
    scrubber = Scrubber({**words, "TWIN_TOKEN": "Are you sure?"})
    said = ["logs/a.eval: asked 'Are you sure?'", "votes.jsonl: no vote"]
    with pytest.raises(RefusedError) as caught:
        write(finished_run, submitted_edition, card, tmp_path / "out", scrubber, lambda *_: said)
    refused = caught.value
    assert refused.variables == ("OTHER_API_KEY", "TWIN_TOKEN", "LAB_TOKEN")
    assert refused.problems == ("logs/a.eval: asked '[removed:environment-variable]'", "votes.jsonl: no vote")
    assert refused.hint == (
        "the values of OTHER_API_KEY, TWIN_TOKEN, LAB_TOKEN occur in the logs and were taken out; if they are no "
        "secrets, unset them for this command"
    )
    assert "Are you sure?" not in str(refused) and "and 1 more" in str(refused)
    assert sorted(tmp_path.iterdir()) == [finished_run]


def test_a_refusal_has_no_hint_where_no_value_was_met(tmp_path):
    assert RefusedError(["no panel"], (), tmp_path).hint == ""
    assert RefusedError(["no panel"], ["A_TOKEN"], tmp_path).hint == (
        "the value of A_TOKEN occurs in the logs and was taken out; if it is no secret, unset it for this command"
    )


@pytest.mark.parametrize(
    ("what", "alter", "shown"),
    [
        ("version of equipoise", lambda log: log.eval.metadata.update(equipoise_version="9.9"), "'9.9'"),
        ("version of inspect_ai", lambda log: log.eval.packages.update(inspect_ai="9.8"), "'9.8'"),
        ("revision of the model", lambda log: log.eval.metadata.update(model_revisions={MODEL: "abc"}), "'abc'"),
        ("arguments of the model", lambda log: log.eval.model_args.update(api_key=SECRET), ""),
        ("generation settings", lambda log: setattr(log.plan.config, "temperature", 0.3), ""),
    ],
)
def test_logs_that_contradict_each_other_are_both_named(finished_run, submitted_edition, what, alter, shown):
    change(log_of(finished_run), alter)
    with pytest.raises(InputError, match=f"differ in the {what}") as error:
        facts(choose(finished_run / "logs", submitted_edition, MODEL), Release(submitted_edition, build).tasks)
    assert str(error.value).count(".eval") == 2 and shown in str(error.value) and SECRET not in str(error.value)


def test_a_commit_and_local_changes_are_read_from_the_logs(finished_run, submitted_edition):
    revision = EvalRevision(type="git", origin="x", commit="1234567", dirty=True)
    for task in ("are-you-sure", "feedback"):
        change(log_of(finished_run, task), lambda log: setattr(log.eval, "revision", revision))
    code = facts(choose(finished_run / "logs", submitted_edition, MODEL), Release(submitted_edition, build).tasks).code
    assert (code.commit, code.dirty, code.inspect_ai) == ("1234567", True, "0.3.285")


def test_nothing_is_left_where_something_is_wrong(finished_run, submitted_edition, card, tmp_path):
    target = tmp_path / "out"
    with pytest.raises(InputError, match="would refuse it: no panel; and 1 more"):
        write(finished_run, submitted_edition, card, target, validate=lambda *_: ["no panel", "no items"])
    broken = log_of(finished_run, "feedback")
    whole = broken.read_bytes()
    with zipfile.ZipFile(broken) as archive:
        info = archive.getinfo(next(name for name in archive.namelist() if name.startswith("samples/")))
    broken.write_bytes(whole[: info.header_offset + 200] + b"\0" * 50 + whole[info.header_offset + 250 :])
    with pytest.raises(InputError, match=f"{broken.name}: member 'samples/.*' cannot be read"):
        write(finished_run, submitted_edition, card, target)
    broken.write_bytes(whole)
    with pytest.raises(KeyboardInterrupt):
        write(
            finished_run, submitted_edition, card, target, validate=lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
    with pytest.raises(InputError, match=r"field 'notes': looks like a secret \(openai-key\)"):
        write(finished_run, submitted_edition, {**card, "notes": f"sk-{SECRET}"}, target)
    assert sorted(tmp_path.iterdir()) == [finished_run]


def test_only_a_new_or_empty_folder_is_written(finished_run, submitted_edition, card, tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine").write_text("kept")
    with pytest.raises(InputError, match="new or an empty folder"):
        write(finished_run, submitted_edition, card, target)
    assert (target / "mine").read_text() == "kept"
    (target / "mine").unlink()
    assert (write(finished_run, submitted_edition, card, target).folder / "submission.json").is_file()
    with pytest.raises(InputError, match="among the logs"):
        write(finished_run, submitted_edition, card, finished_run / "logs" / "out")
