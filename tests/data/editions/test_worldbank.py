import json

import pytest

from corrtip.data.editions import worldbank
from corrtip.data.editions.add import prepare_edition
from corrtip.data.editions.draft import Request
from corrtip.data.panel import load_panel
from corrtip.data.source import read_edition
from corrtip.errors import DataError

BIRTHS, PEOPLE = "SP.DYN.IMRT.IN", "SP.POP.TOTL"
# As the bank's file of one series comes: four lines above the header, an empty last column, groups of countries.
WIDE = [
    ("Data Source", "World Development Indicators", ""),
    (),
    ("Last Updated Date", "2026-12-16", ""),
    (),
    ("Country Name", "Country Code", "Indicator Name", "Indicator Code", "1999", "2024", "2025", ""),
    ("Albania", "ALB", "Mortality rate, infant", BIRTHS, "30", "8.5", "8.1234567890123456", ""),
    ("Africa Eastern and Southern", "AFE", "Mortality rate, infant", BIRTHS, "90", "45", "44", ""),
    ("Kosovo", "XKX", "Mortality rate, infant", BIRTHS, "", "", "", ""),
    ("Nigeria", "NGA", "Mortality rate, infant", BIRTHS, "", "70", "", ""),
    ("Nigeria", "NGA", "Something else", "XX.YY", "1", "2", "3", ""),
]
DATABANK = [
    ("Country Name", "Country Code", "Series Name", "Series Code", "2024 [YR2024]", "2025 [YR2025]"),
    ("Albania", "ALB", "Mortality rate, infant", BIRTHS, "8.5", "8.1234567890123456"),
    ("Nigeria", "NGA", "Mortality rate, infant", BIRTHS, "70", ".."),
    (),
    ("Data from database: World Development Indicators",),
    ("Last Updated: 12/16/2026",),
]
LONG = [
    ("Country Code", "Year", "Indicator Code", "Value"),
    ("ALB", "2024", BIRTHS, "8.5"),
    ("ALB", "2025", BIRTHS, "8.1234567890123456"),
    ("NGA", "2024", BIRTHS, "70"),
]


def record(code, date, value, name="A country", series=BIRTHS):
    return {
        "indicator": {"id": series, "value": "Mortality rate, infant"},
        "country": {"id": code[:2], "value": name},
        "countryiso3code": code,
        "date": date,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 1,
    }


def answer(*records, pages=1):
    about = {"page": 1, "pages": pages, "per_page": 20000, "total": len(records), "lastupdated": "2026-12-16"}
    return json.dumps([about, list(records)])


JSON = answer(
    record("ALB", "2024", 8.5),
    record("ALB", "2025", 8.125),
    record("NGA", "2024", 70),
    record("NGA", "2025", None),
    record("", "2025", 30, name="High income"),
    record("WLD", "2025", 27, name="World"),
)


@pytest.fixture
def request_of(names, figures):
    """Return what is asked of a file of development indicators."""
    last = read_edition(figures / "raw" / "wdi" / "2026-07.csv", figures)

    def ask(*files, source="wdi", edition=None):
        return Request(source=source, files=files, edition=edition, names=names, last=last)

    return ask


def expected(second):
    return (("ALB", "2024", "8.5"), ("ALB", "2025", second), ("NGA", "2024", "70"))


@pytest.mark.parametrize("rows", [WIDE, DATABANK, LONG], ids=["wide", "databank", "long"])
def test_every_form_of_csv_gives_the_same_rows(request_of, publisher, rows):
    draft = worldbank.read(request_of(publisher.table("a.csv", rows), edition="2026-12" if rows is LONG else None))
    assert draft.edition == "2026-12"
    assert draft.header == ("iso3", "year", BIRTHS)
    assert draft.rows == expected("8.1234567890123456")
    assert draft.indicators[BIRTHS].as_of == ("2026-12" if rows is LONG else "2026-12-16")
    # The long form says no name: that of the last edition stays.
    label = f"{BIRTHS} as the last edition calls it" if rows is LONG else "Mortality rate, infant"
    assert draft.indicators[BIRTHS].label == label


def test_what_is_left_out_is_counted(request_of, publisher):
    remarks = worldbank.read(request_of(publisher.table("a.csv", WIDE))).remarks
    assert remarks == (
        "1 series that data/variables.toml does not have were left out.",
        "1 groups of countries were left out.",
        "1 figures of years before 2000, where the last edition begins, were left out.",
    )


def test_the_answer_of_the_api_is_read_with_the_digits_that_it_prints(request_of, publisher):
    path = publisher.folder / "a.json"
    path.write_text(JSON.replace("8.125", "8.1250"))
    draft = worldbank.read(request_of(path))
    assert (draft.edition, draft.rows) == ("2026-12", expected("8.1250"))
    assert draft.remarks == ("2 groups of countries were left out.",)


def test_several_files_make_one_edition_each_series_with_its_own_date(request_of, publisher):
    older = [("Last Updated Date", "2026-10-01"), WIDE[4], ("Albania", "ALB", "Population", PEOPLE, "1", "2", "3")]
    draft = worldbank.read(request_of(publisher.table("a.csv", WIDE), publisher.table("b.csv", older)))
    assert draft.edition == "2026-12"
    assert draft.header == ("iso3", "year", BIRTHS, PEOPLE)
    assert draft.rows[0] == ("ALB", "2024", "8.5", "2")
    assert {code: item.as_of for code, item in draft.indicators.items()} == {BIRTHS: "2026-12-16", PEOPLE: "2026-10-01"}


def test_codes_of_governance_lose_the_prefix_of_the_api(request_of, publisher):
    rows = [LONG[0], ("KSV", "2022", "GOV_WGI_CC.EST", "-0.3")]
    draft = worldbank.read(request_of(publisher.table("a.csv", rows), source="wgi", edition="2026"))
    assert (draft.header, draft.rows) == (("iso3", "year", "CC.EST"), (("XKX", "2022", "-0.3"),))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("ALP", "2024", BIRTHS, "8"), 'row 3: country code "ALP"'),
        (("ALB", "2024", BIRTHS, "8,5"), f'row 3: {BIRTHS} of ALB 2024 "8,5"'),
        (("ALB", "2024", BIRTHS, "9"), f'row 3: {BIRTHS} of ALB 2024: "9"'),
        (("ALB", "last year", BIRTHS, "9"), 'row 3: year "last year"'),
    ],
)
def test_a_wrong_cell_is_refused_with_its_row(request_of, publisher, row, said):
    with pytest.raises(DataError, match=said):
        worldbank.read(request_of(publisher.table("a.csv", [*LONG[:2], row]), edition="2026-12"))


def test_the_nearest_code_and_series_are_named(request_of, publisher):
    with pytest.raises(DataError, match=r"Nearest: .*'ALB'"):
        worldbank.read(request_of(publisher.table("a.csv", [LONG[0], ("ALBB", "2024", BIRTHS, 1)]), edition="2026"))
    with pytest.raises(DataError, match=rf"Nearest: .*'{BIRTHS}'"):
        worldbank.read(
            request_of(publisher.table("a.csv", [LONG[0], ("ALB", 2024, "SP.DYN.IMRT.I", 1)]), edition="2026")
        )


def test_a_file_without_a_date_needs_an_edition(request_of, publisher):
    with pytest.raises(DataError, match="--edition"):
        worldbank.read(request_of(publisher.table("a.csv", LONG)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (answer(record("ALB", "2024", 8.5), pages=3), "page 1 of 3"),
        ('[{"message": [{"id": "120", "value": "The provided parameter value is not valid"}]}]', "the API refused"),
        ("{}", "JSON of another form"),
        ("[", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (answer({"date": "2024"}), "record 1"),
        (answer("a text"), "record 1"),
        (answer(record("ALB", "2024M01", 8.5)), 'record 1: date "2024M01"'),
        (answer(record("ALB", "2024", float("nan"))), '"NaN"'),
        (answer(record("ALB", "2024", [1])), "record 1"),
    ],
)
def test_an_answer_that_is_none_is_refused(request_of, publisher, text, said):
    path = publisher.folder / "a.json"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        worldbank.read(request_of(path))


def test_a_table_of_something_else_is_refused(request_of, publisher):
    with pytest.raises(DataError, match="no header of a table of series"):
        worldbank.read(request_of(publisher.table("a.csv", [("Country", "Score"), ("Nigeria", 26)])))


def test_a_figure_off_its_scale_is_refused_with_its_row(publisher, figures):
    path = publisher.table("a.csv", [*WIDE[:5], ("Albania", "ALB", "Mortality", BIRTHS, "", "8", "-3")])
    with pytest.raises(DataError, match=r"a\.csv, row 6: infant_mortality -3 of ALB"):
        prepare_edition([path], "wdi", root=figures)


def test_revisions_and_new_years_are_told_apart(publisher, figures):
    # The folder's last edition: infant deaths 15 of Albania in 2025, 85 of Nigeria; Kosovo's are left out here.
    rows = [LONG[0], ("ALB", 2025, BIRTHS, 15), ("ALB", 2026, BIRTHS, 14), ("NGA", 2025, BIRTHS, 84)]
    addition = prepare_edition([publisher.table("a.csv", rows)], "wdi", edition="2026-12", root=figures)
    (change,) = addition.comparison.changes
    assert (change.now, change.same, change.changed, change.new) == (3, 1, 1, 1)
    assert addition.new_years == (2026,)
    addition.write()
    assert load_panel(figures).lineage("NGA", 2025, "infant_mortality", "wdi-2026-12").figure == "84"


@pytest.mark.parametrize(
    "header",
    [
        ("Country Code", "Indicator Code", "2024", "2024 [YR2024]"),
        ("Country Code", "Economy Code", "Indicator Code", "2024"),
        ("Country Code", "Year", "Indicator Code", "Value", "Obs value"),
    ],
)
def test_two_columns_that_could_be_meant_are_refused(request_of, publisher, header):
    path = publisher.table("a.csv", [header, ("ALB",) * len(header)])
    with pytest.raises(DataError, match=r"a\.csv, row 1: a second column for the same"):
        worldbank.read(request_of(path, edition="2026-12"))


@pytest.mark.parametrize("rows", [WIDE, LONG], ids=["wide", "long"])
def test_a_row_that_is_cut_off_is_refused(request_of, publisher, rows):
    path = publisher.table("a.csv", [*rows[:-1], rows[-1][:-2]])
    with pytest.raises(DataError, match="The row is cut off"):
        worldbank.read(request_of(path, edition="2026-12"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": {"a": 1}}, "record 1: value"),
        ({"value": True}, "record 1: value True"),
        ({"indicator": {"id": BIRTHS, "value": "\ud800"}}, "record 1: indicator.value"),
        ({"indicator": None}, "record 1: indicator.id None"),
        ({"countryiso3code": ["ALB"]}, "record 1: countryiso3code"),
    ],
)
def test_a_record_of_another_kind_is_refused(request_of, tmp_path, change, said):
    path = tmp_path / "a.json"
    path.write_text(answer(record("ALB", "2024", 8.5) | change))
    with pytest.raises(DataError, match=said):
        worldbank.read(request_of(path))


def test_a_key_that_stands_twice_is_refused(request_of, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(answer(record("ALB", "2024", 8.5)).replace('"value": 8.5', '"value": 8.5, "value": 9'))
    with pytest.raises(DataError, match="a key that stands twice"):
        worldbank.read(request_of(path))


@pytest.mark.parametrize("part", ["lastupdated", "message", "pages"])
def test_an_answer_without_end_is_refused_in_few_words(request_of, tmp_path, part):
    path = tmp_path / "a.json"
    deep = "[" * 900 + "]" * 900
    path.write_text(f'[{{"{part}": {deep}}}]' if part == "message" else f'[{{"{part}": {deep}}}, []]')
    with pytest.raises(DataError) as caught:
        worldbank.read(request_of(path))
    assert len(str(caught.value)) < 500
