"""The code of every page runs from top to bottom in an empty folder, and prints what the page says it prints.

Blocks of `python` share the names of their page; of `sh`, each line is a command of corrtip. A block of `output` is
what the block before it prints; three dots stand for any text. `python tests/docs/test_pages.py` writes these anew.
"""

import importlib
import io
import os
import re
import shlex
import sys
import tempfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path

import pytest

import corrtip as ct
from corrtip.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(page.name for page in DOCS.glob("*.md"))
BLOCK = re.compile(r"^```(python|sh|output)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
CHECKER = OutputChecker()


@dataclass
class Block:
    """One fenced block of a page: its language, text, place in the page's text and line."""

    language: str
    text: str
    span: tuple[int, int]
    line: int


def blocks_of(text: str) -> list[Block]:
    return [
        Block(found[1], found[2], found.span(2), text.count("\n", 0, found.start(2))) for found in BLOCK.finditer(text)
    ]


def run(block: Block, page: str, namespace: dict[str, object]) -> str:
    """Return what a block prints."""
    with redirect_stdout(io.StringIO()) as printed:
        if block.language == "python":
            # Empty lines before it, so that an error names the line of the page.
            exec(compile("\n" * block.line + block.text, page, "exec"), namespace)
        for command in block.text.splitlines() if block.language == "sh" else ():
            program, *arguments = shlex.split(command, comments=True)
            assert program == "corrtip", f"{page}: only commands of corrtip are run, {command!r} is text"
            with pytest.raises(SystemExit) as left:
                main(arguments)
            assert left.value.code in {0, None}, command
    return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


def outputs_of(page: str) -> list[tuple[Block, str]]:
    """Run a page in the current folder; return its blocks of output with what was printed."""
    namespace: dict[str, object] = {"__name__": page}
    found: list[tuple[Block, str]] = []
    printed = None
    for block in blocks_of((DOCS / page).read_text(encoding="utf-8")):
        if block.language != "output":
            printed = run(block, page, namespace)
            continue
        assert printed is not None, f"{page}, line {block.line}: an output without code before it"
        found.append((block, printed))
        printed = None
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of((DOCS / page).read_text(encoding="utf-8"))])
def test_a_page_runs_and_prints_what_it_shows(page, panel, tmp_path, monkeypatch):
    monkeypatch.setattr("corrtip.load_panel", lambda: panel)
    monkeypatch.chdir(tmp_path)
    for block, printed in outputs_of(page):
        assert CHECKER.check_output(block.text, printed, ELLIPSIS), (
            f"{page}, line {block.line}, shows\n{block.text}and the code prints\n{printed}"
        )
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.name not in text] == []


def test_pages_with_code_were_found():
    languages = {page: {block.language for block in blocks_of((DOCS / page).read_text("utf-8"))} for page in PAGES}
    assert languages["tutorial.md"] == {"python", "sh", "output"}
    assert all("python" in languages[page] for page in ("from_r.md", "from_statsmodels.md"))


@pytest.mark.parametrize("page", PAGES)
def test_links_between_files_lead_somewhere(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (DOCS / target).exists() or target.startswith("reference/"), target


@pytest.mark.parametrize("page", PAGES)
def test_the_names_on_a_page_exist(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for module, name in re.findall(r"`(corrtip(?:\.\w+)+)\.(\w+)\(", text):
        assert hasattr(importlib.import_module(module), name), f"{module}.{name}"
    for name in re.findall(r"\bct\.([A-Za-z]\w+)", text):
        assert name in ct.__all__, name


def write(page: str) -> None:
    """Put what the code of a page prints into its blocks of output; what is right with its dots stays."""
    path = DOCS / page
    text = path.read_text(encoding="utf-8")
    for block, printed in reversed(outputs_of(page)):
        if not CHECKER.check_output(block.text, printed, ELLIPSIS):
            start, end = block.span
            text = text[:start] + printed + text[end:]
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or PAGES:
        os.chdir(tempfile.mkdtemp())
        write(name)
