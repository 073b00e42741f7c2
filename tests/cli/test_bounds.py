import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

COMMAND = ("bounds", "--focal", "cpi_pre2012", "--year", "2005")
POOL = "urban_population,gdp_growth,merchandise_trade,slum_population"
# Long enough to be interrupted: some forty thousand models in three units of work.
LONG = ("--pool", "wdi", "--coverage", "0.8", "--size", "4", "--jobs", "2", "--json")
PATIENCE = 60.0
# Of a narrow terminal.
COLUMNS = 80


def test_people_read_bounds_counts_and_speed(say, tmp_path):
    said = say(*COMMAND, "--pool", POOL, "--size", "2", "--jobs", "1", "--keep", str(tmp_path))
    assert said.code == 0
    assert "cpi_pre2012: 3 models fitted" in said.out
    assert "slum_population (0%)" in said.out
    assert "microseconds a model" in said.out
    table = [line for line in said.out.splitlines() if line.startswith((" ", "P(best)", "y*"))]
    assert len(table) == 3  # no cell is folded
    assert max(len(line) for line in table) <= COLUMNS
    assert list(tmp_path.iterdir()) == []  # nothing is left of finished work


def test_machines_read_json(say, tmp_path):
    options = ("--pool", POOL, "--size", "1", "--jobs", "1", "--keep", str(tmp_path), "--json")
    answer = json.loads(say(*COMMAND, *options).out)
    assert answer["models"] == 3
    assert {line["scale"] for line in answer["bounds"]} == {"effect", "latent"}


def test_a_pool_that_is_too_small_is_refused(say, tmp_path):
    said = say(*COMMAND, "--pool", POOL, "--size", "4", "--keep", str(tmp_path))
    assert said.code == 1
    assert "cover 60% of the rows" in said.err


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C to another process and its own processes")
def test_an_interrupted_command_says_so_and_the_next_one_goes_on(say, tmp_path):
    keep = tmp_path / "keep"
    # A shell that starts the tests in the background hands down an ignored Ctrl-C; a terminal does not.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from corrtip.cli import main; main()"
    )
    command = [sys.executable, "-c", program, *COMMAND, *LONG, "--keep", str(keep)]
    begun = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until = time.monotonic() + PATIENCE
    while not list(keep.rglob("block-*.npz")) and begun.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(begun.pid, signal.SIGINT)  # as a terminal does
    out, err = begun.communicate(timeout=PATIENCE)
    assert (begun.returncode, out) == (130, "")
    assert re.fullmatch(r"Interrupted: [\d,]+ models are kept, and the same command goes on from there.\n", err)
    assert list(keep.rglob("block-*.npz"))
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"Resumed: [\d,]+ of [\d,]+ models were kept.\n", again.stderr)
    whole = say(*COMMAND, *LONG, "--keep", str(tmp_path / "other"))
    assert json.loads(again.stdout)["bounds"] == json.loads(whole.out)["bounds"]
    assert not list(tmp_path.rglob("block-*.npz"))
