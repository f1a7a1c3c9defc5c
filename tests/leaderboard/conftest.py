"""Boards on which control agents have run, made once for all tests."""

import pytest
from leaderboard import submitted


@pytest.fixture(scope="session")
def talk(tmp_path_factory):
    return submitted.talk(tmp_path_factory.mktemp("talk"))


@pytest.fixture(scope="session")
def ask(tmp_path_factory):
    return submitted.ask(tmp_path_factory.mktemp("ask"))


@pytest.fixture(scope="session")
def judged(tmp_path_factory):
    return submitted.judged(tmp_path_factory.mktemp("judged"))
