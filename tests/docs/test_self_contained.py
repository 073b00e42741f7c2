import doctest

import pytest
import self_contained
from self_contained import findings, outside


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://example.org/a.js"></script>',
        '<script src="//example.org/a.js"></script>',
        '<link rel="stylesheet" href="http://example.org/a.css">',
        '<img src="https://example.org/a.png" alt="a">',
        "@import 'https://example.org/a.css';",
        "body { background: url(//example.org/a.png) }",
    ],
)
def test_what_is_loaded_from_elsewhere_is_found(text):
    assert len(outside(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://example.org">to read</a>',
        '<script src="_static/a.js"></script>',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        "body { background: url(data:image/png;base64,AA) }",
    ],
)
def test_links_and_own_files_are_not(text):
    assert outside(text) == []


def test_pages_and_styles_of_every_folder_are_read(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.html").write_text('<img src="https://example.org/c.png">', encoding="utf-8")
    (tmp_path / "d.css").write_text("@import 'https://example.org/e.css';", encoding="utf-8")
    assert list(findings(tmp_path)) == ["a/b.html: https://example.org/c.png", "d.css: https://example.org/e.css"]


def test_the_examples_hold():
    failed, attempted = doctest.testmod(self_contained)
    assert attempted
    assert not failed
