"""Task versions come from the `eval.yaml` beside the task."""

import sys
from importlib.resources import files

import pytest
import yaml

from equipoise.harness.metadata import TaskVersion, task_version


def test_the_version_of_a_shipped_task():
    stored = yaml.safe_load((files("equipoise.tasks.persuasion") / "eval.yaml").read_text(encoding="utf-8"))
    version = task_version("equipoise.tasks.persuasion")
    assert str(version) == stored["version"]
    assert version.comparability >= 1
    assert version.interface.isupper()


@pytest.mark.parametrize(
    ("text", "expected"), [("1-A", TaskVersion(1, "A")), ("12-C", TaskVersion(12, "C")), ("'3-B'", TaskVersion(3, "B"))]
)
def test_number_and_letter_are_read_apart_and_written_together(text, expected, tmp_path, monkeypatch):
    task_version.cache_clear()
    (tmp_path / "some_task").mkdir()
    (tmp_path / "some_task" / "__init__.py").touch()
    (tmp_path / "some_task" / "eval.yaml").write_text(f"title: Some task\nversion: {text}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "some_task", raising=False)
    version = task_version("some_task")
    assert version == expected
    assert str(version) == text.strip("'")
    monkeypatch.delitem(sys.modules, "some_task")
    task_version.cache_clear()


def test_a_package_without_a_version_file_is_an_error():
    with pytest.raises(FileNotFoundError):
        task_version("equipoise.harness.stats")
