"""One command runs the campaigns and prints one table."""

from types import SimpleNamespace

import pytest
from stress.campaign import Result

from stress import __main__ as stress


def campaign(result):
    def run(budget):
        if result is None:
            raise KeyboardInterrupt
        return result

    return SimpleNamespace(__doc__="Tries.", run=run)


@pytest.mark.parametrize(
    ("second", "code", "rows"),
    [
        (Result(tried=2, survived=2), 0, ["one", "two"]),
        (Result(tried=2, survived=1, lost=1), 1, ["one", "two"]),
        (None, stress.INTERRUPTED, ["one"]),
    ],
)
def test_the_table_holds_what_ran_and_the_exit_code_says_how(monkeypatch, capsys, second, code, rows):
    campaigns = {"stress.one": campaign(Result(tried=5, survived=5)), "stress.two": campaign(second)}
    monkeypatch.setattr(stress.importlib, "import_module", campaigns.__getitem__)
    assert stress.try_all(["one", "two"], 1.0) == code
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == rows
    assert "one: Tries." in said.err
