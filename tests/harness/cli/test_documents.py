"""What documents and templates tell people to type can be typed; what is written to start from works."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from harness import ROOT

from conformance.cli.program import cli

DOCUMENTS = (
    *("README.md", "CONTRIBUTING.md", "conformance/README.md", "golden/README.md"),
    *("conformance/subjects/PROTOCOL.md", "conformance/cli/templates/github.yml"),
    *("conformance/cli/templates/gitlab.yml",),
)
# What stands for something in a command, and what it may stand for.
STANDS = {
    "...": "",
    "S": "impl",
    "CASE": "constraints.NonNeg/value/nan-float32",
    "N": "2",
    "I/N": "1/2",
}
_FOR_WORDS = {"SECONDS": "9", "GLOB": "x", "FILE": "f.json", "OLD": "keras", "NEW": "keras"}


def commands(text: str) -> Iterator[str]:
    """Every command of the suite: lines of blocks of code, and code in a line that has arguments."""
    joined = text.replace("\\\n", " ")
    for block in re.findall(r"^```\w*\n(.*?)^```", joined, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            yield from re.findall(r"^(?:\.venv/bin/)?conformance [a-z].*", line.strip())
    plain = re.sub(r"^```.*?^```", "", joined, flags=re.DOTALL | re.MULTILINE)
    for code in re.findall(r"`([^`]+)`", plain.replace("\n", " ")):
        yield from re.findall(r"^conformance [a-z].*", code)
    yield from re.findall(
        r"^\s*(?:- )?(?:run: )?(conformance (?:run|merge) .*)$", joined, re.MULTILINE
    )


def words_of(command: str) -> list[str]:
    """The arguments of a command, without what a shell would do with them."""
    command = re.sub(r"\$\{\{.*?\}\}", "1", command.partition(" || ")[0])
    words = shlex.split(command, comments=True)[1:]
    told = [STANDS.get(word, _FOR_WORDS.get(word, word)) for word in words]
    return [word for word in told if word and not word.startswith("[")]


def parsed(words: list[str]) -> None:
    """Parses a command with its options; ClickException where it is none."""
    context = click.Context(cli, info_name="conformance")
    command: click.Command = cli
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        if found is None:
            raise click.UsageError(f"no command {name!r}")
        command = found
    command.make_context(command.name, words, parent=context)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_a_document_can_be_typed(document: str) -> None:
    found = list(dict.fromkeys(commands((ROOT / document).read_text())))
    wrong = {}
    for command in found:
        words = words_of(command)
        # A name alone, as in "`conformance run`", is no command to type.
        if len(words) < 2:
            assert words[0] in cli.list_commands(click.Context(cli))
            continue
        try:
            parsed(words)
        except click.ClickException as error:
            wrong[command] = error.format_message()
    assert wrong == {}
    if document in ("README.md", "CONTRIBUTING.md") or document.endswith(".yml"):
        assert found


def test_a_wrong_option_would_be_noticed() -> None:
    with pytest.raises(click.ClickException):
        parsed(words_of("conformance run --subjekt keras"))
    assert list(commands("```\nconformance list --ids # all\n```")) == [
        "conformance list --ids # all"
    ]


KINDS = {
    "python": ["subject.py"],
    "javascript": ["subject.mjs"],
    "module": [f"mine/{n}.py" for n in ("__init__", "constraints", "initializers", "regularizers")],
    "github": [".github/workflows/conformance.yml"],
    "gitlab": ["conformance.gitlab-ci.yml"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_init_writes_once_and_says_what_to_type_next(
    kind: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    made = conformance("init", kind, str(tmp_path), "--name", "mine")
    assert (made.status, made.err) == (0, "")
    for name in KINDS[kind]:
        assert f"wrote {tmp_path / name}" in made.out
        assert "my_keras" not in (tmp_path / name).read_text()
    following = made.out.partition("next:\n")[2].splitlines()
    assert following
    for line in following:
        if line.strip().startswith("conformance"):
            parsed(words_of(line.strip()))
    again = conformance("init", kind, str(tmp_path), "--name", "mine")
    assert again.status == 2
    assert str(tmp_path / KINDS[kind][0]) in again.sentence()
    assert conformance("init", kind, str(tmp_path), "--name", "mine", "--force").status == 0


def test_a_name_that_is_none_is_refused(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    ended = conformance("init", "module", str(tmp_path), "--name", "my-keras")
    assert ended.sentence().endswith("must be a name of a Python package; received 'my-keras'")


def test_the_module_that_init_writes_is_right_where_it_is_documented(
    tmp_path: Path, python: Callable[..., Any]
) -> None:
    assert python("-m", "conformance", "init", "module").status == 0
    report = tmp_path / "report.json"
    families = (
        "--select",
        "constraints.MaxNorm/by-hand/*",
        "--select",
        "regularizers.L2/by-hand/*",
    )
    ended = python(
        *("-m", "conformance", "run", "--subject", "module:my_keras:keras3", "--in-process"),
        *(*families, "--json", report),
    )
    assert ended.status == 0, ended.out + ended.err
    levels = json.loads(report.read_text())["counts"]["levels"]
    assert levels["documented"]["passed"] == levels["documented"]["ran"] > 10


def test_the_glossary_is_a_page(conformance: Callable[..., Any], few: Path) -> None:
    ended = conformance("explain", "--glossary", "--golden", str(few))
    assert ended.status == 0
    assert ended.out.startswith("# Glossary")
    assert "| `zero-sign` |" in ended.out
