import re

from figures_pages import sources_page, variables_page


def test_every_variable_is_listed_once_with_what_the_catalogue_says(panel):
    page = variables_page(panel)
    names = re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)
    assert sorted(names) == sorted(panel.catalogue)
    (row,) = [line for line in page.splitlines() if line.startswith("| `cpi_pre2012` |")]
    assert row.split(" | ")[2:] == [
        "points, 0-10; compares within a year only",
        "higher = cleaner",
        "1995-2011",
        "`first-published` |",
    ]
    (tier,) = [line for line in page.splitlines() if line.startswith("| `tier` |")]
    assert "1, 2, 2WL, 3 | 1 = best, 3 = worst | 2001-2025" in tier


def test_every_file_is_listed_with_its_hash_publisher_and_licence(panel):
    page = sources_page(panel)
    for key, source in panel.sources.items():
        assert f"| `{key}.csv` |" in page
        assert f"`{source.sha256[:12]}`" in page
        assert source.publisher in page
        assert source.licence in page
    assert page.count("no: exports leave it out") == len(
        {key.split("/")[0] for key, source in panel.sources.items() if not source.redistribute}
    )
