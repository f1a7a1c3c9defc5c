"""Files are written by one process at a time."""

import threading

import pytest

from equipoise.errors import InputError
from equipoise.harness.files import locked


def test_who_does_not_wait_for_a_lock_is_refused_with_the_folder(tmp_path):
    lock = tmp_path / "made" / ".lock"
    with locked(lock, wait=False), pytest.raises(InputError) as refused, locked(lock, wait=False):
        pass
    assert str(refused.value) == f"{lock.parent}: another process works in this folder"
    with locked(lock, wait=False):
        pass


def test_who_waits_for_a_lock_gets_it_later(tmp_path):
    got = threading.Event()

    def wait() -> None:
        with locked(tmp_path / ".lock"):
            got.set()

    with locked(tmp_path / ".lock"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.wait(0.2)
    assert got.wait(10)
    waiting.join()
