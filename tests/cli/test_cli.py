import json
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from corrtip.cli import app, main
from corrtip.errors import SpecError

PROGRAM = "from corrtip.cli import main; main()"
# They take their time (of `curve list` its own test runs the examples), need a publisher's file, or the build.
COSTLY = (
    "bounds",
    "curve list",
    "curve run",
    "study run",
    "study enter",
    "data add",
    "data fetch",
    "report build",
    "package",
)


def walk(command, path=()):
    """Yield every command that does something, with its path."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from walk(inner, (*path, name))


ROOT = typer.main.get_command(app)
COMMANDS = {" ".join(path): command for path, command in walk(ROOT)}


def examples(command):
    return re.findall(r"^ +(corrtip .+)$", command.help, re.MULTILINE)


EXAMPLES = [line for command in (ROOT, *COMMANDS.values()) for line in examples(command)]


def split(line):
    """Return the path of the command that a line names, and what follows it."""
    words = shlex.split(line)[1:]
    depth = 2 if " ".join(words[:2]) in COMMANDS else 1
    return " ".join(words[:depth]), words[depth:]


def run(*arguments, **environment):
    """Return the bytes that the installed command prints."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})


def test_version_is_the_package_s(say):
    said = say("--version")
    assert said.out == f"corrtip {version('corrtip')}\n"
    assert said.code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_with_examples_of_its_own(say, name):
    said = say(*name.split(), "--help")
    assert said.code == 0
    assert f"Usage: corrtip {name}" in said.out
    lines = examples(COMMANDS[name])
    assert len(lines) >= 2
    for line in lines:
        assert split(line)[0] == name
        assert f"  {line}\n" in said.out  # whole, to be copied


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_is_a_right_command_line(line):
    name, words = split(line)
    COMMANDS[name].make_context(name, words)


@pytest.mark.parametrize("line", [line for line in EXAMPLES if split(line)[0] not in COSTLY])
def test_examples_work(say, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = say(*shlex.split(line)[1:])
    assert (said.code, said.err) == (0, "")
    assert said.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_speaks_json(name):
    assert "--json" in {option for parameter in COMMANDS[name].params for option in parameter.opts}


@pytest.mark.parametrize(
    "line",
    [
        "data check",
        "data show NGA 2005 tier",
        "data export tiers.csv --variables tier",
        "study list",
        "doctor",
        "fit 'tier ~ cpi' --years 2013",
        "table 'tier ~ cpi' --years 2013",
        "study enter lyday_2001 --set A.spearman=-0.4",
    ],
)
def test_json_is_all_that_is_printed(say, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = say(*shlex.split(line), "--json")
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out)


def test_exit_codes_are_documented_where_people_look(say):
    told = say("--help").out
    assert re.findall(r"^    (\d+) ", told[told.index("Exit codes:") :], re.MULTILINE) == ["0", "1", "2", "130"]
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert all(f"{code} " in readme[readme.index("Exit codes") :].split("\n\n")[0] for code in (0, 1, 2, 130))


def test_an_error_is_one_message_on_the_error_stream(say):
    said = say("data", "show", "NGA", "2005", "teir")
    assert said.code == 1
    assert said.out == ""
    assert said.err == (
        "Error: panel: \"teir\" is not a variable. Expected a name of data/variables.toml. Nearest: 'tier'.\n"
    )


@pytest.mark.parametrize("place", [0, 2, 5])
def test_debug_shows_where_the_error_was_raised_wherever_it_stands(panel, monkeypatch, place):
    monkeypatch.setattr("corrtip.load_panel", lambda: panel)
    arguments = ["data", "show", "NGA", "2005", "teir"]
    with pytest.raises(SpecError, match="teir"):
        main([*arguments[:place], "--debug", *arguments[place:]])


def test_ctrl_c_leaves_with_130_and_no_traceback(say, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("corrtip.load_panel", interrupted)
    said = say("data", "check")
    assert (said.code, said.out, said.err) == (130, "", "")


def test_what_the_system_refuses_is_one_message(say, monkeypatch):
    def refused():
        raise PermissionError(13, "Permission denied", "figures/cpi.csv")

    monkeypatch.setattr("corrtip.load_panel", refused)
    said = say("data", "check")
    assert (said.code, said.out, said.err) == (1, "", "Error: figures/cpi.csv: Permission denied\n")


def test_a_fault_is_one_message_and_debug_shows_where_it_arose(say, monkeypatch):
    def at_fault():
        raise KeyError("tier")

    monkeypatch.setattr("corrtip.load_panel", at_fault)
    said = say("data", "check")
    assert (said.code, said.out) == (1, "")
    assert said.err == "Error: KeyError: 'tier'. This is a fault of corrtip. --debug shows where it arose.\n"
    with pytest.raises(KeyError):
        main(["data", "check", "--debug"])


@pytest.mark.parametrize("arguments", [("data", "show", "NGA", "x", "tier"), ("fit", "tier ~ cpi"), ("nothing",)])
def test_a_wrong_command_line_leaves_with_two(say, arguments):
    said = say(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert "Usage: corrtip" in said.err


def test_the_installed_command_has_no_colour_and_no_traceback_where_it_is_piped():
    ran = run("fit", "tier ~ log(cpi)", "--years", "2013")
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.startswith(b'Error: FORMULA: "tier ~ log(cpi)".')
    assert ran.stderr.count(b"\n") == 1
    assert b"\x1b" not in ran.stderr


@pytest.mark.skipif(os.name != "posix", reason="hands a closed pipe down to another process")
def test_a_reader_that_left_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", PROGRAM, "study", "list"]
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("environment", "encoding", "minus"),
    [
        ({"LC_ALL": "C"}, "utf-8", "−"),
        ({"PYTHONIOENCODING": "latin-1"}, "latin-1", "-"),
        ({"PYTHONIOENCODING": "cp1252"}, "cp1252", "-"),
        ({"PYTHONIOENCODING": "ascii"}, "utf-8", "−"),  # who says so reads UTF-8 all the same
    ],
)
def test_no_output_stops_at_a_sign_that_the_terminal_lacks(environment, encoding, minus):
    ran = run("table", "tier ~ cpi_pre2012", "--years", "2005", **environment)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert f" {minus}0.546 " in ran.stdout.decode(encoding)


def test_help_is_there_without_the_heavy_libraries():
    code = "import sys, corrtip.cli; print(sorted({'numpy', 'pandas', 'statsmodels', 'matplotlib'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
