import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AUDIT = runpy.run_path(str(ROOT / "tools" / "audit.py"))
CLEAN = {"name": "numpy", "version": "2.4.6", "vulns": []}
# As pip-audit answers where it reaches nobody; it ends with 0 then.
SKIPPED = {"name": "typing_extensions", "skip_reason": "Dependency not found on PyPI and could not be audited"}
KNOWN = {"name": "Pandas", "version": "3.1.1", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["3.1.2"]}]}


def test_what_was_looked_up_and_is_clean_gives_no_finding():
    assert AUDIT["findings"]({"numpy"}, {"dependencies": [CLEAN]}) == []


def test_a_vulnerability_is_named_with_the_version_that_mends_it():
    assert AUDIT["findings"]({"pandas"}, {"dependencies": [KNOWN]}) == ["pandas 3.1.1: PYSEC-2026-1, mended in 3.1.2"]


def test_what_was_skipped_or_left_out_is_a_finding():
    found = AUDIT["findings"]({"numpy", "scipy", "typing-extensions"}, {"dependencies": [CLEAN, SKIPPED]})
    assert [line.split(":")[0] for line in found] == ["scipy", "typing-extensions"]


@pytest.mark.parametrize(("dependencies", "code"), [([CLEAN], 0), ([SKIPPED], 1), ([], 1)])
def test_only_an_audit_that_looked_passes(dependencies, code, tmp_path, monkeypatch, capsys):
    lock = tmp_path / "requirements.lock"
    name = dependencies[0]["name"] if dependencies else "numpy"
    lock.write_text(f"{name}==2.4.6 \\\n    --hash=sha256:0\n", encoding="utf-8")
    main = AUDIT["main"]
    monkeypatch.setitem(main.__globals__, "ask", lambda lock: {"dependencies": dependencies})
    assert main([lock]) == code
    assert ("nothing was looked up" in capsys.readouterr().out) == bool(code)


def test_an_empty_lock_does_not_pass(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("", encoding="utf-8")
    main = AUDIT["main"]
    monkeypatch.setitem(main.__globals__, "ask", lambda lock: {"dependencies": []})
    assert main([lock]) == 1


def test_the_lock_is_read_whole():
    names = AUDIT["locked"]((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert {"numpy", "pandas", "pip-audit", "typst", "vl-convert-python"} <= names
    assert len(names) > 150


def test_a_lock_that_is_not_there_gives_no_answer(tmp_path):
    command = [sys.executable, ROOT / "tools" / "audit.py", tmp_path / "none.lock"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
