"""One command runs the campaigns and prints one table."""

import json
import subprocess
import sys
from dataclasses import asdict

import pytest
from stress.campaign import Result, restored, total

from stress import __main__ as stress

GOOD = Result(tried=5, survived=5)


@pytest.mark.parametrize(
    ("second", "code", "rows"),
    [
        (Result(tried=2, survived=2), 0, ["fuzz", "scale"]),
        (Result(tried=2, survived=1, lost=1), 1, ["fuzz", "scale"]),
    ],
)
def test_the_table_holds_what_ran_in_its_order_and_the_exit_code_says_how(monkeypatch, capsys, second, code, rows):
    found = {"fuzz": second, "scale": GOOD}
    monkeypatch.setattr(stress, "apart", lambda name, budget: found[name])
    assert stress.try_all(["fuzz", "scale"], 1.0) == code
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == rows


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_campaign_without_an_answer_is_not_passed_over(monkeypatch, capsys):
    monkeypatch.setattr(stress, "apart", lambda name, budget: {"scale": GOOD}[name])
    assert stress.try_all(["scale", "fuzz"], 1.0) == 1
    assert "fuzz" not in capsys.readouterr().out


def test_ctrl_c_prints_what_is_done(monkeypatch, capsys):
    class Interrupted(stress.threading.Thread):
        def join(self, timeout=None):
            super().join()
            raise KeyboardInterrupt

    def one(name, budget):
        return GOOD

    monkeypatch.setattr(stress, "apart", one)
    monkeypatch.setattr(stress.threading, "Thread", Interrupted)
    assert stress.try_all(["fuzz"], 1.0) == stress.INTERRUPTED
    assert "fuzz" in capsys.readouterr().out


def test_a_campaign_that_ends_in_an_error_is_lost(monkeypatch, capsys):
    def ended(command, **options):
        assert command[:3] == [sys.executable, "-m", "stress"]
        return subprocess.CompletedProcess(command, 1, stdout="")

    monkeypatch.setattr(subprocess, "run", ended)
    assert stress.apart("scale", 1.0).notes == ("the campaign ended with 1",)
    assert "scale" in capsys.readouterr().err


def test_a_result_comes_back_from_another_process_as_it_was():
    result = total({"a": GOOD, "b": Result(tried=2, survived=1, lost=1, notes=("a hang",))})
    assert restored(json.loads(json.dumps(asdict(result)))) == result
