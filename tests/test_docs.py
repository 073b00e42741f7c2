import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = [page.name for page in sorted(DOCS.glob("*.md")) if "```python" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs_from_top_to_bottom(page, tmp_path):
    text = (DOCS / page).read_text(encoding="utf-8")
    script = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_pages_were_found():
    assert {"from_r.md", "from_statsmodels.md"} <= set(PAGES)


@pytest.mark.parametrize("page", [page.name for page in sorted(DOCS.glob("*.md"))])
def test_links_between_files_lead_somewhere(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (DOCS / target).exists(), target


@pytest.mark.parametrize("page", ["from_r.md", "from_statsmodels.md"])
def test_the_names_on_a_page_exist(page):
    import importlib

    import corrtip as ct

    text = (DOCS / page).read_text(encoding="utf-8")
    for module, name in re.findall(r"`(corrtip(?:\.\w+)+)\.(\w+)\(", text):
        assert hasattr(importlib.import_module(module), name), f"{module}.{name}"
    for name in re.findall(r"\bct\.(\w+)", text):
        assert name in ct.__all__, name
