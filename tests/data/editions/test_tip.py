import pytest

from corrtip.data.editions import tip
from corrtip.data.editions.add import prepare_edition
from corrtip.data.editions.draft import Request
from corrtip.data.editions.tip import read_placement
from corrtip.data.panel import load_panel
from corrtip.data.sources.tip import COLUMNS
from corrtip.errors import DataError


@pytest.fixture
def read(names):
    """Read a file as placements of a report."""
    return lambda path, edition=None: tip.read(
        Request(source="tip", files=(path,), edition=edition, names=names, last=None)
    )


def placements(draft):
    assert draft.header == COLUMNS
    return {row[0]: row[1] for row in draft.rows}


LIST = [
    ("Country", "Tier"),
    ("Nigeria", "Tier 2 Watch List"),
    ("Albania", "TIER 2"),
    ("Argentina", "1"),
    ("Burma", "Tier 3"),
    ("Somalia", "Special Case"),
]
EXPECTED = {"Nigeria": "2WL", "Albania": "2", "Argentina": "1", "Burma": "3", "Somalia": "special"}


def test_a_list_of_two_columns_is_read(read, publisher):
    assert placements(read(publisher.table("tiers.csv", LIST), "2026")) == EXPECTED
    assert placements(read(publisher.table("tiers.csv", [row[::-1] for row in LIST]), "2026")) == EXPECTED


def test_a_table_with_a_column_for_each_tier_is_read(read, publisher):
    table = [
        ("Tier placements 2026",),
        ("TIER 1", "TIER 2", "TIER 2", "TIER 2 WATCH LIST", "TIER 3", "SPECIAL CASES"),
        ("Argentina", "Albania", "Angola", "Nigeria", "Burma*", "Somalia"),
        ("", "Armenia", "", "", "", ""),
    ]
    draft = read(publisher.book("tiers.xlsx", {"Sheet1": table}))
    assert draft.edition == "2026"
    assert placements(draft) == EXPECTED | {"Angola": "2", "Armenia": "2"}
    assert draft.places[1] == 'tiers.xlsx, sheet "Sheet1", row 3'


@pytest.mark.parametrize(
    "rows",
    [
        [LIST[1], LIST[0], *LIST[2:]],
        [("", "Albania"), ("TIER 1", "TIER 2", "TIER 2 WATCH LIST", "TIER 3"), ("Argentina", "", "Nigeria", "Burma")],
    ],
)
def test_a_country_above_the_header_is_no_title(read, publisher, rows):
    with pytest.raises(DataError, match=r"row 1: country .* above the header"):
        read(publisher.table("tiers.csv", rows), "2026")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Tier 2WL", "2WL"),
        ("Tier 2 (Watchlist)", "2WL"),
        ("2 WL", "2WL"),
        ("Tier 1 Watch List", None),
        ("Tier 4", None),
        ("", None),
        ("Tier 22", None),
        ("1|2", None),
    ],
)
def test_only_the_words_of_the_reports_are_placements(text, level):
    assert read_placement(text) == level


def test_an_unknown_tier_is_refused_with_its_row(read, publisher):
    with pytest.raises(DataError, match=r'tiers.csv, row 3: tier "Tier 4" of Albania'):
        read(publisher.table("tiers.csv", [LIST[0], LIST[1], ("Albania", "Tier 4")]), "2026")


def test_a_country_in_two_columns_is_refused(read, publisher):
    table = [("Tier 1", "Tier 2", "Tier 3"), ("Albania", "Angola", "Albania")]
    with pytest.raises(DataError, match='country "Albania" is ALB a second time'):
        read(publisher.table("tiers.csv", table), "2026")


def test_a_report_that_never_was_is_refused(read, publisher):
    with pytest.raises(DataError, match="the first report is of 2001"):
        read(publisher.table("tiers.csv", LIST), "2000")


def test_a_table_of_something_else_is_refused(read, publisher):
    with pytest.raises(DataError, match="no sheet with placements"):
        read(publisher.table("tiers.csv", [("Country", "Score"), ("Nigeria", 26)]), "2026")


def test_a_report_becomes_an_edition(publisher, figures):
    addition = prepare_edition([publisher.table("t.csv", LIST)], "tip", edition="2026", root=figures, partial=True)
    # In 2024 Albania stood in tier 2, Argentina in 1, Nigeria in 2, Burma in 3.
    (change,) = addition.comparison.changes
    assert (change.before, change.now, change.unlikely) == (184, 4, 0)
    addition.write()
    panel = load_panel(figures)
    assert panel.lineage("NGA", 2026, "tier").figure == "2WL"
    assert panel.lineage("SOM", 2026, "tier").status == "special_case"


def test_a_leap_over_tiers_is_unlikely(publisher, figures):
    rows = [("Country", "Tier"), ("Argentina", "3"), ("Albania", "2WL"), ("Nigeria", "2WL")]
    addition = prepare_edition([publisher.table("t.csv", rows)], "tip", edition="2026", root=figures, partial=True)
    told = [(note.iso3, note.before, note.now) for note in addition.comparison.notes if note.what == "unlikely"]
    assert told == [("ARG", "1", "3")]


def test_a_watch_list_before_its_time_is_refused_with_the_row_of_the_file(publisher, figures):
    path = publisher.table("t.csv", LIST)
    with pytest.raises(DataError, match=r't.csv, row 2: tier "2WL" in 2003') as caught:
        prepare_edition([path], "tip", edition="2003", root=figures, partial=True)
    assert "the watch list began with the report of 2004" in str(caught.value)


@pytest.mark.parametrize(
    "header", [("Country", "Tier 2025", "Tier 2026"), ("Country", "Name", "Tier"), ("Country", "Tier", "Ranking")]
)
def test_two_columns_that_could_be_meant_are_refused(read, publisher, header):
    path = publisher.table("tiers.csv", [header, ("Albania", "1", "2")])
    with pytest.raises(DataError, match="row 1: 2 columns that could be the"):
        read(path, "2026")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("Nigeria", "", ""), 'tier "" of Nigeria'),
        (("", "", "Africa"), None),
        (("Sources: embassies", "", ""), None),
        (("", "", ""), None),
        (("", "2", "Africa"), 'country ""'),
        (("Nigerla", "", "Africa"), 'country "Nigerla"'),
        (("", "Nigeria", ""), 'country ""'),
    ],
)
def test_only_a_row_of_one_cell_that_is_no_country_is_a_note(read, publisher, row, said):
    path = publisher.table("tiers.csv", [("Country", "Tier", "Region"), ("Albania", "1", "Europe"), row])
    if said is None:
        assert placements(read(path, "2026")) == {"Albania": "1"}
    else:
        with pytest.raises(DataError, match=said):
            read(path, "2026")


def test_a_row_amid_the_table_is_no_note(read, publisher):
    path = publisher.table("tiers.csv", [("Country", "Tier"), ("Niger?2", ""), ("Albania", "1"), ("A note", "")])
    with pytest.raises(DataError, match=r'tiers\.csv, row 2: "Niger\?2" and nothing else amid the table'):
        read(path, "2026")


def test_a_name_below_no_tier_is_refused(read, publisher):
    table = [("Tier 1", "Tier -2", "Tier 2", "Tier 3"), ("Albania", "Chad", "Angola", "Burma")]
    with pytest.raises(DataError, match='row 2: "Chad" below no tier'):
        read(publisher.table("tiers.csv", table), "2026")


@pytest.mark.parametrize(
    "text",
    ["-1", "-2", "−3", "+1", "2-1", "1.5", "2:3", "tier -", "1/2", "(2)", "2 ws", "2" + "-" * 9 + "WL", "2 " + "." * 9],
)
def test_a_number_that_is_no_tier_is_none(text):
    assert read_placement(text) is None


@pytest.mark.parametrize("rows", [LIST, [("Tier 1", "Tier 2", "Tier 3"), ("Albania", "Burma", "Chad")]])
def test_a_row_that_is_cut_off_is_refused(read, publisher, rows):
    path = publisher.table("tiers.csv", [*(("", *row) for row in rows[:-1]), rows[-1]])
    with pytest.raises(DataError, match="The row is cut off"):
        read(path, "2026")
