import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_size.py"
LONG = "def long():\n" + "    x = 1\n" * 39


def check(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "module.py").write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n" * 299,
        "x = 1\n" * 299 + "# a reason\n\n" * 200,
        '"""Docstring.\n' + "line\n" * 400 + '"""\n',
        LONG.replace("x = 1\n", "# reason\n", 1),
        "class Narrow:\n" + "".join(f"    def m{k}(self): ...\n" for k in range(12)),
        "class Narrow:\n" + "".join(f"    def _m{k}(self): ...\n" for k in range(30)),
    ],
    ids=["299 lines", "comments are free", "docstrings are free", "39 lines", "12 members", "private members"],
)
def test_what_keeps_to_its_room_passes(tmp_path, text):
    ran = check(tmp_path, text)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("x = 1\n" * 300, "300 lines of code"),
        ('x = """\n' + "text\n" * 300 + '"""\n', "302 lines of code"),
        (LONG, "1 of 1 functions have 40 lines of code or more"),
        (
            "class Wide:\n" + "".join(f"    def m{k}(self): ...\n" for k in range(13)),
            "class Wide has 13 public members",
        ),
    ],
    ids=["300 lines", "a long text is code", "40 lines", "13 members"],
)
def test_what_has_outgrown_its_room_is_named(tmp_path, text, finding):
    ran = check(tmp_path, text)
    assert ran.returncode == 1
    assert finding in ran.stdout


def test_one_long_function_in_twenty_is_let_be(tmp_path):
    short = "".join(f"def short{k}():\n    return {k}\n" for k in range(19))
    assert check(tmp_path, LONG + short).returncode == 0
