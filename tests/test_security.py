import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROMISES = re.findall(
    r"^\| (.+?) \| (`.+`) \|$", (ROOT / "SECURITY.md").read_text(encoding="utf-8"), flags=re.MULTILINE
)


def test_promises_were_found():
    assert len(PROMISES) == 12


@pytest.mark.parametrize(("promise", "tests"), PROMISES)
def test_every_promise_has_a_test(promise, tests):
    for path in re.findall(r"`(.+?)`", tests):
        assert "def test_" in (ROOT / path).read_text(encoding="utf-8"), promise


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: path.name)
def test_no_module_unpickles_or_asks_a_shell(path):
    text = path.read_text(encoding="utf-8")
    calls = (
        r"\bpickle\.|\bmarshal\.|read_pickle|joblib\.load|shell=True|os\.system|(?<!literal_)\beval\(|(?<!\.)\bexec\("
    )
    assert re.findall(calls, text) == []
    assert "allow_pickle=True" not in text
