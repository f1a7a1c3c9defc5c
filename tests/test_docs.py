"""The example workflow and the commands in the docs name what exists."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from equipoise.cli import cli

DOCS = Path(__file__).parent.parent / "docs"


def commands(text):
    """Every `equipoise …` line of the fenced blocks, without comments and redirections."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if line.strip().startswith("equipoise "):
            yield re.split(r"\s+(?:#|>|\|\|)\s?", line.strip())[0]


def named():
    pages = sorted(DOCS.glob("*.md"))
    assert pages
    return [(page.name, line) for page in pages for line in commands(page.read_text())]


@pytest.mark.parametrize(("page", "line"), named())
def test_a_documented_command_has_only_options_that_exist(page, line):
    words = shlex.split(line)[1:]
    command, context = cli, click.Context(cli)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command = command.get_command(context, words.pop(0))
        assert command is not None, (page, line)
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {word.split("=")[0] for word in words if word.startswith("-")} <= known | {"--help", "-h"}, (page, line)


def test_the_example_workflow_is_yaml_whose_commands_exist():
    workflow = yaml.safe_load((DOCS / "workflows" / "release-gate.yml").read_text())
    runs = [step["run"] for step in workflow["jobs"]["gate"]["steps"] if "run" in step]
    lines = [line for run in runs for line in commands(run)]
    assert [line.split()[1] for line in lines] == ["run", "gate"]
    for line in lines:
        test_a_documented_command_has_only_options_that_exist("release-gate.yml", line)
