"""Pages that nobody writes by hand hold everything that there is; a site that loads from elsewhere is noticed."""

from pathlib import Path

import pytest
from command_line_page import command_line_page
from figures_pages import sources_page, variables_page
from name_pages import name_pages, page_of
from self_contained import outside

import corrtip as ct

NAMES = (Path(__file__).resolve().parents[2] / "docs" / "names.md").read_text(encoding="utf-8")


def test_every_public_name_has_a_page():
    pages = name_pages(NAMES)
    assert [name for name in ct.__all__ if f"{page_of(name)}.rst" not in pages and not name.startswith("_")] == []
    assert "autofunction:: corrtip.clm" in pages["clm.rst"]
    assert "autoclass:: corrtip.Spec" in pages["class_spec.rst"]


def test_every_command_is_on_the_page():
    page = command_line_page()
    for command in ("fit", "table", "bounds", "curve run", "data add", "data export", "study run", "report build"):
        assert f"## `corrtip {command}`" in page
    assert "```sh\ncorrtip " in page


def test_every_variable_and_source_is_on_its_page(panel):
    variables, sources = variables_page(panel), sources_page(panel)
    assert [name for name in panel.catalogue if f"| `{name}` |" not in variables] == []
    assert [key for key in panel.sources if f"| `{key}.csv` |" not in sources] == []


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<a href="https://example.org">read</a>', []),
        ('<script src="//example.org/a.js"></script>', ["//example.org/a.js"]),
        ('<link rel="stylesheet" href="https://example.org/a.css">', ["https://example.org/a.css"]),
        ("a { background: url('http://example.org/a.png') }", ["http://example.org/a.png"]),
        ('<img src="_static/a.png">', []),
    ],
)
def test_what_a_page_would_load_is_found(page, found):
    assert outside(page) == found
