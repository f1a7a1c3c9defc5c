"""The command line, called in this process."""

import sys

import pytest

from equipoise.cli import main


@pytest.fixture
def inside(monkeypatch, capsys, tmp_path):
    """Run `equipoise …` in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["equipoise", *arguments])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return call
