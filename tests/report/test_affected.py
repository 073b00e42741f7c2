import json

import pytest

from corrtip.errors import ReportError
from corrtip.report.affected import find_affected, find_unnamed

PROSE = """---
title: A report
---

# First {#first}

{{all.cpi}}

## Second

A sentence with {{ one.year }} in it.
"""


@pytest.fixture
def root(tmp_path):
    """Return a checkout whose last build had three results."""
    inputs = {
        "01/all.cpi": ["cpi/2024", "cpi/2025"],
        "01/unshown": ["cpi/2024", "cpi/2025", "wdi/2026-07"],
        "02/one.year": ["cpi/2025"],
    }
    artifacts = [
        {
            "name": path.partition("/")[2],
            "path": f"results/{path}.json",
            "inputs": [f"data/raw/{name}.{ending}" for name in names for ending in ("csv", "toml")],
        }
        for path, names in inputs.items()
    ]
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.md").write_text(PROSE, encoding="utf-8")
    return tmp_path


def found(root, edition, *, every_source=False):
    affected = find_affected(root, edition, every_source=every_source)
    return [(item.artifact, item.notebook, item.section) for item in affected]


def test_a_new_edition_goes_into_what_reads_all_editions_of_its_source(root):
    assert found(root, "cpi/2026") == [("all.cpi", "01", "First"), ("unshown", "01", "")]


def test_an_edition_that_the_build_read_goes_into_what_names_it(root):
    assert [artifact for artifact, *_ in found(root, "cpi/2025")] == ["all.cpi", "unshown", "one.year"]
    assert found(root, "cpi/2025")[2] == ("one.year", "02", "Second")


def test_a_new_vintage_goes_only_into_what_reads_everything(root):
    assert found(root, "wdi/2026-12", every_source=True) == [("unshown", "01", "")]


def test_a_source_that_nothing_reads_changes_nothing(root):
    assert found(root, "tip/2026") == []


@pytest.mark.parametrize("text", [None, "{", '{"artifacts": [{"name": "a"}]}', "[]"])
def test_without_a_manifest_it_asks_for_a_build(root, text):
    path = root / "build" / "manifest.json"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match="make report"):
        find_affected(root, "cpi/2026", every_source=False)


def test_who_names_no_vintage_is_found(root):
    texts = {
        "src/a.toml": 'controls = ["gdp", "gini"]\nvintages = { gdp = "wdi-2026-07" }\n',
        "src/deep/b.toml": 'controls = ["gdp_growth"]\n',
        "notebooks/c.ipynb": '"spec = {\\"controls\\": [\\"gdp\\"]}"',
        "notebooks/d.ipynb": '"vintages={\\"gdp\\": \\"wdi-2026-07\\"}"',
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    assert find_unnamed(root, ["gdp", "gini", "growth"]) == {"notebooks/c.ipynb": ("gdp",), "src/a.toml": ("gini",)}
