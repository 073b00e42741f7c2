import subprocess
import sys
from importlib.metadata import version

import pytest

from corrtip.cli import main
from corrtip.errors import SpecError

COMMANDS = [
    ("data", "check"),
    ("data", "show"),
    ("study", "list"),
    ("study", "run"),
    ("fit",),
    ("report", "build"),
    ("doctor",),
]


def test_version_is_the_package_s(say):
    said = say("--version")
    assert said.out == f"corrtip {version('corrtip')}\n"
    assert said.code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(say, command):
    said = say(*command, "--help")
    assert said.code == 0
    assert "Usage: corrtip " + " ".join(command) in said.out


@pytest.mark.parametrize("command", [("data", "show"), ("study", "run"), ("fit",)])
def test_help_of_commands_with_arguments_has_an_example(say, command):
    assert "Example" in say(*command, "--help").out


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


@pytest.mark.parametrize("arguments", [("data", "show", "NGA", "x", "tier"), ("fit", "tier ~ cpi"), ("nothing",)])
def test_a_wrong_command_line_leaves_with_two(say, arguments):
    said = say(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert "Usage: corrtip" in said.err


def test_the_installed_command_has_no_colour_and_no_traceback_where_it_is_piped():
    command = [
        sys.executable,
        "-c",
        "from corrtip.cli import main; main()",
        "fit",
        "tier ~ log(cpi)",
        "--years",
        "2013",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith('Error: FORMULA: "tier ~ log(cpi)".')
    assert ran.stderr.count("\n") == 1
    assert "\x1b" not in ran.stderr


def test_help_is_there_without_the_heavy_libraries():
    code = "import sys, corrtip.cli; print(sorted({'numpy', 'pandas', 'statsmodels', 'matplotlib'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
