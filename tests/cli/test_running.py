import re
from pathlib import Path

import pytest
import typer

from corrtip.cli.running import INTERRUPTED, running


def tell(*steps, keep=None):
    with running(3, "tcp://there:1", keep) as run:
        for models in steps:
            run.progress(models, 2_000)
    return run


def test_the_options_say_where_to_compute_and_finished_blocks_are_kept_in_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert tell().keep == tmp_path / "corrtip" / "blocks"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert tell().keep == Path.home() / ".cache" / "corrtip" / "blocks"
    run = tell(keep=tmp_path)
    assert (run.jobs, run.scheduler, run.keep) == (3, "tcp://there:1", tmp_path)


def test_nothing_is_said_in_a_file_but_that_blocks_were_kept(capsys):
    tell(0, 1_000, 2_000)
    assert capsys.readouterr() == ("", "")
    tell(1_000, 2_000)
    assert capsys.readouterr() == ("", "Resumed: 1,000 of 2,000 models were kept.\n")


def test_another_total_is_other_work_with_kept_blocks_of_its_own(capsys):
    with running(1, None, None) as run:
        for done, total in ((300, 300), (0, 2_000), (1_000, 2_000)):
            run.progress(done, total)
    assert capsys.readouterr() == ("", "Resumed: 300 of 300 models were kept.\n")


def test_a_terminal_shows_what_is_done_the_pace_and_the_time_left(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    clock = iter([10.0, 10.0, 14.0])
    monkeypatch.setattr("corrtip.cli.running.time.monotonic", lambda: next(clock, 14.0))
    tell(400, 1_200)  # 800 models in four seconds, 800 are left
    said = capsys.readouterr()
    assert said.out == ""
    assert "1,200 of 2,000 models, 200 a second, 0:00:04 left" in said.err


def test_no_colour_means_none(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    tell(400, 1_200)
    assert not re.search(r"\x1b\[[\d;]*(3[0-9]|4[0-9]|9[0-7])[\d;]*m", capsys.readouterr().err)


def test_an_interruption_is_one_line_and_the_exit_code_of_shells(capsys):
    def interrupted():
        with running(1, None, None) as run:
            run.progress(0, 2_000)
            run.progress(1_500, 2_000)
            raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as left:
        interrupted()
    assert left.value.exit_code == INTERRUPTED
    assert capsys.readouterr().err == "Interrupted: 1,500 models are kept, and the same command goes on from there.\n"
