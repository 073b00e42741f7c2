import re
from pathlib import Path

import pytest
from docutils.utils.math.latex2mathml import tex2mathml

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(page.name for page in DOCS.glob("*.md"))
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", flags=re.DOTALL)


def formulas(page):
    text = re.sub(r"```.*?```|`[^`]+`", "", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    return [block or inline for block, inline in FORMULA.findall(text)]


@pytest.mark.parametrize("page", [page for page in PAGES if formulas(page)])
def test_the_formulas_of_a_page_become_mathml(page):
    for formula in formulas(page):
        assert tex2mathml(formula).startswith("<math"), formula


def test_pages_with_formulas_were_found():
    assert len(formulas("model.md")) > 10
