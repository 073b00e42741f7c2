import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from corrtip.cli import main

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_script_runs_in_an_empty_folder(tmp_path):
    (script,) = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Transparency International\n")
    assert "cpi_pre2012" in ran.stdout
    assert list(tmp_path.iterdir()) == []


COMMANDS = re.findall(r"^    (corrtip .*)$", README, flags=re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shown_is_one(command, panel, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("corrtip.load_panel", lambda: panel)
    with pytest.raises(SystemExit) as left:
        main(shlex.split(command, comments=True)[1:])
    assert left.value.code in {0, None}
    assert capsys.readouterr().out


def test_commands_were_found():
    assert len(COMMANDS) == 10


def test_the_table_of_licences_names_every_publisher_and_licence(panel):
    lines = [line for line in README.splitlines() if line.startswith("|")]
    for source in panel.sources.values():
        licence = source.licence.split(":")[0].lower()
        assert any(source.publisher in line and licence in line.lower() for line in lines), source


def test_the_table_of_findings_is_what_the_replication_finds(replication):
    shown = re.findall(r"^\| ([A-D])\. .*? \| (\w+) \| (\d+) of (\d+) \|$", README, flags=re.MULTILINE)
    found = []
    for claim in replication.study.claims:
        verdicts = [run.decisions[claim.id].verdict for run in replication.runs]
        tested = [verdict for verdict in verdicts if verdict != "not_attempted"]
        assert "contradicts" not in tested
        agree = tested.count("agrees")
        found.append((claim.id, replication.verdicts[claim.id].verdict, str(agree), str(len(tested))))
    assert shown == found
