"""The vote store: nothing lost, nothing asked twice, several processes at once."""

import os
import sqlite3
import subprocess
import sys
import time

import pytest

from equipoise.errors import InputError
from equipoise.judges import Store, Vote, store_path
from equipoise.judges.store import LEASE, VERSION, Place


def vote(**changes) -> Vote:
    told = {"judge": "j", "rubric": "r", "rubric_version": "1", "measure": "m", "prompt_hash": "p",
            "material_hash": "t", "value": 4.0, "choice": "4"}  # fmt: skip
    return Vote.model_validate({**told, **changes})


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "votes.sqlite")
    yield made
    made.close()


def test_a_vote_comes_back_as_it_was(store):
    one = vote(expected=3.7, mass=0.9, raw="4 ✓", cost=0.01)
    store.put([one])
    assert store.get([one.key, "other"]) == {one.key: one} and store.count() == 1


def test_what_a_vote_depends_on_makes_its_key():
    names = ("judge", "prompt_hash", "material_hash", "measure")
    keys = {vote().key, vote(epoch=2).key, *(vote(**{name: "x"}).key for name in names)}
    assert len(keys) == 6 and vote(value=1.0, raw="x").key == vote().key


def test_a_claim_keeps_others_away_until_the_vote_is_there(tmp_path, store):
    one = vote()
    other = Store(tmp_path / "votes.sqlite")
    assert store.claim([one.key]) == "mine"
    assert store.claim([one.key]) == "theirs", "another sample of this process"
    assert other.claim([one.key]) == "theirs", "another process"
    store.put([one])
    assert other.claim([one.key]) == "done" and other.get([one.key]) == {one.key: one}


def test_a_released_claim_is_free(store):
    assert store.claim(["a", "b"]) == "mine" and store.claim(["b", "c"]) == "theirs"
    store.release(["a", "b"])
    assert store.claim(["b", "c"]) == "mine"


def test_claims_of_a_dead_process_are_taken_over(tmp_path, store):
    code = """
import sys
from pathlib import Path
from equipoise.judges import Store
print(Store(Path(sys.argv[1])).claim(["a"]))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "votes.sqlite")], capture_output=True, text=True)
    assert done.stdout.strip() == "mine"
    assert store.claim(["a"]) == "mine"


def test_claims_of_another_machine_last_as_long_as_the_lease(tmp_path, store):
    database = sqlite3.connect(tmp_path / "votes.sqlite")
    for key, age in (("new", 1.0), ("old", LEASE + 1)):
        database.execute("INSERT INTO claims VALUES (?, 'elsewhere:1:2.0', ?)", (key, time.time() - age))
    database.commit()
    assert (store.claim(["new"]), store.claim(["old"])) == ("theirs", "mine")


def test_a_failed_call_is_kept_but_asked_again(store):
    failed = vote(value=None, choice=None, missing="error", raw="no route")
    store.put([failed])
    assert store.get([failed.key]) == {} and store.count() == 0 and store.claim([failed.key]) == "mine"
    store.place([Place("log", "s", 1, "a", 1, failed.key)], since=1.0)
    assert [each.missing for _, each in store.placed()] == ["error"]
    store.put([vote()])
    assert [each.value for _, each in store.placed()] == [4.0]
    store.put([failed])
    assert [each.value for _, each in store.placed()] == [4.0], "a vote gives way to nothing"


def test_votes_are_placed_once_and_the_latest_last(store):
    old, new = vote(prompt_hash="v1"), vote(prompt_hash="v2")
    store.add([old, new])
    store.place([Place("log", "s", 1, "a", 1, new.key)], since=5.0)
    store.place([Place("log", "s", 1, "a", 1, old.key)], since=1.0)
    assert [each.prompt_hash for _, each in store.placed("log")] == ["v1", "v2"]
    store.place([Place("log", "s", 1, "a", 1, old.key)], since=9.0)
    assert [each.prompt_hash for _, each in store.placed("log")] == ["v2", "v1"]
    assert list(store.placed("other log")) == []


def test_more_keys_than_a_statement_takes(store):
    votes = [vote(material_hash=str(n)) for n in range(1201)]
    store.add(votes)
    assert len(store.get([each.key for each in votes])) == 1201


def test_forgotten_votes_are_asked_for_again(store):
    store.put([vote()])
    store.forget([vote().key])
    assert store.claim([vote().key]) == "mine"


@pytest.mark.parametrize("text", ["no database", ""])
def test_a_file_that_is_no_store_is_named(tmp_path, text):
    path = tmp_path / "votes.sqlite"
    path.write_text(text * 100)
    if text:
        with pytest.raises(InputError, match=r"votes\.sqlite"):
            Store(path)
    else:
        Store(path).close()  # an empty file is a new database


def test_a_later_store_and_a_missing_folder_are_named(tmp_path):
    path = tmp_path / "votes.sqlite"
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version={VERSION + 1}")
    database.close()
    with pytest.raises(InputError, match=f"version {VERSION + 1}"):
        Store(path)
    with pytest.raises(InputError, match="none"):
        Store(tmp_path / "none" / "votes.sqlite")


def test_the_store_is_beside_the_logs(tmp_path):
    (tmp_path / "run/logs").mkdir(parents=True)
    log = tmp_path / "run/logs/x.eval"
    log.touch()
    assert {store_path(tmp_path / "run"), store_path(tmp_path / "run/logs"), store_path(log)} == {
        tmp_path / "run/logs/votes.sqlite"
    }


def test_many_processes_claim_each_vote_once(tmp_path):
    """Four processes want the same 200 votes: together they make each call exactly once."""
    code = """
import sys
from pathlib import Path
from equipoise.judges import Store, Vote
store, made = Store(Path(sys.argv[1])), 0
sys.stdin.readline()
for n in range(200):
    told = {"judge": "j", "rubric": "r", "rubric_version": "1", "measure": "m", "prompt_hash": "p"}
    vote = Vote(**told, material_hash=str(n), value=1.0)
    claim = store.claim([vote.key])
    if claim == "mine":
        made += 1
        store.put([vote])
print(made)
"""
    path = tmp_path / "votes.sqlite"
    Store(path).close()
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True, env={**os.environ})
        for _ in range(4)
    ]  # fmt: skip
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    made = [int(worker.communicate()[0]) for worker in workers]
    assert sum(made) == 200 and Store(path).count() == 200
