"""Commands run in this process, on figures that are read once."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest

import corrtip
from corrtip.cli import main


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it left."""

    out: str
    err: str
    code: int


class Interrupted(io.StringIO):
    """A terminal at which somebody answers, and then presses Ctrl-C."""

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        typed = super().readline(size)
        if not typed:
            raise KeyboardInterrupt
        return typed


@pytest.fixture
def interrupted() -> type[Interrupted]:
    """What makes such a terminal of the answers."""
    return Interrupted


@pytest.fixture
def say(panel, monkeypatch, capsys) -> Callable[..., Said]:
    """Run ``corrtip`` with arguments."""
    monkeypatch.setattr(corrtip, "load_panel", lambda: panel)

    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        printed = capsys.readouterr()
        code = left.value.code
        assert code is None or isinstance(code, int)
        return Said(printed.out, printed.err, code or 0)

    return run
