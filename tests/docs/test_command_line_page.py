from command_line_page import command_line_page
from typer.main import get_command

from corrtip.cli import app


def commands(group, name):
    for item in getattr(group, "commands", {}).values():
        yield f"{name} {item.name}", item
        yield from commands(item, f"{name} {item.name}")


def test_every_command_has_its_help_and_options_on_the_page():
    page = command_line_page()
    found = dict(commands(get_command(app), "corrtip"))
    assert {"corrtip fit", "corrtip data show", "corrtip curve run"} <= set(found)
    for name, item in found.items():
        section = page.split(f"# `{name}`\n\n", 1)[1].split("\n# ", 1)[0].split("\n## ", 1)[0]
        assert section.startswith(item.help.splitlines()[0])
        for option in item.params:
            assert option.param_type_name == "argument" or option.opts[0] in section


def test_lists_of_commands_hold_whole_sentences():
    listed = [line for line in command_line_page().splitlines() if line.startswith("* `")]
    assert listed
    assert not [line for line in listed if line.endswith("...") and "`: " in line]


def test_examples_are_code():
    page = command_line_page()
    assert "```sh\ncorrtip data show NGA 2005 cpi_pre2012\n" in page
    assert "\b" not in page
