import os
import subprocess
import sys

import pytest

from corrtip.cli import completion
from corrtip.data.editions.add import FORMS
from corrtip.robustness.grid import list_grids
from corrtip.studies.study import list_studies

PROGRAM = "from corrtip.cli import main; main()"


def asked(shell, line):
    """Return the variables by which a shell asks what to offer at the end of ``line``."""
    words = line.split(" ")
    line_for = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    return {**line_for, "_CORRTIP_COMPLETE": f"complete_{shell}"}


def test_studies_grids_and_sources_are_those_that_there_are():
    assert completion.complete_study("") == [study.id for study in list_studies()]
    assert completion.complete_grid("") == [grid.id for grid in list_grids()]
    assert tuple(FORMS) == completion.SOURCES


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("corrtip stu", "study"),
        ("corrtip study run zha", "zhang_pineda_2008"),
        ("corrtip table zhang_pineda_2008 --model pro", "probit"),
        ("corrtip curve run zh", "zhang_pineda"),
        ("corrtip data show NG", "NGA"),
        ("corrtip data show NGA 2005 cpi_pre2012_r", "cpi_pre2012_rank"),
        ("corrtip data show NGA 2005 gini --vintage wd", "wdi-2026-07"),
        ("corrtip data export x.csv --variables tier,life", "tier,life_expectancy"),
        ("corrtip data add x.csv --source wd", "wdi"),
        ("corrtip bounds --focal infant_m", "infant_mortality"),
        ("corrtip bounds --pool wd", "wdi"),
        ("corrtip fit x --link clo", "cloglog"),
        ("corrtip fit x --vintage infant_mort", "infant_mortality=wdi-2026-07"),
    ],
)
def test_shells_are_offered_values(say, monkeypatch, shell, line, expected):
    for name, value in asked(shell, line).items():
        monkeypatch.setenv(name, value)
    said = say()
    assert expected in said.out
    assert said.err == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_process_of_its_own_offers_them_too(shell):
    environment = {**os.environ, **asked(shell, "corrtip data show NG")}
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "NGA" in ran.stdout
    assert ran.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_asks_the_command(shell):
    code = f"import sys; sys.argv = ['corrtip', '--show-completion', '{shell}']; {PROGRAM}"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_CORRTIP_COMPLETE" in ran.stdout


def test_offers_are_made_without_the_heavy_libraries():
    calls = "complete_variable(''), complete_vintage(''), complete_country(''), complete_study(''), complete_grid('')"
    code = (
        f"import sys, corrtip.cli; from corrtip.cli.completion import *; offers = [{calls}]; assert all(offers); "
        "print(sorted({'numpy', 'pandas', 'statsmodels', 'matplotlib'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
