"""Names and codes of countries: what is printed means one unit in one year, or is refused."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrtip.data.countries import COLUMNS, comparable, load_countries
from corrtip.errors import DataError
from corrtip.project import figures_root

COUNTRIES = load_countries()
HEADER = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("name", "year", "unit"),
    [
        # The joint state of Serbia and Montenegro is one unit, SRB, whatever its name.
        ("Yugoslavia (Federal Republic)", 1999, "SRB"),
        ("Serbia and Montenegro", 2001, "SRB"),
        ("Serbia and Montenegro", 2005, "SRB"),
        ("Serbia and Montenegro", 2006, "SRB"),
        ("Serbia", 2006, "SRB"),
        ("Serbia", 2025, "SRB"),
        ("Montenegro", 2007, "MNE"),
        ("Kosovo", 2008, "XKX"),
        ("Taiwan", 2005, "TWN"),
        ("Hong Kong", 2005, "HKG"),
        ("Macao", 2006, "MAC"),
        ("Macau", 2006, "MAC"),
        ("Netherlands Antilles", 2010, "ANT"),
        ("Curacao", 2011, "CUW"),
        ("St. Maarten", 2013, "SXM"),
        ("Sint Maarten", 2017, "SXM"),
        ("Sudan", 2005, "SDN"),
        ("Sudan", 2015, "SDN"),
        ("South Sudan", 2012, "SSD"),
        ("Timor-Leste", 2004, "TLS"),
        ("East Timor", 2002, "TLS"),
        ("Congo, Democratic Republic of the", 2005, "COD"),
        ("Congo (DRC)", 2009, "COD"),
        ("D.R.C.", 2012, "COD"),
        ("Zaire", 1996, "COD"),
        ("Congo, Republic of the", 2005, "COG"),
        ("Congo (ROC)", 2009, "COG"),
        ("Belgium/Luxembourg (one joint entry)", 1995, "BEL"),
        ("West Bank and Gaza", 2005, "PSE"),
    ],
)
def test_special_territories_follow_their_rule(name, year, unit):
    assert COUNTRIES.iso3(name, year) == unit


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("Serbia", 2005),
        ("Serbia and Montenegro", 2007),
        ("Yugoslavia", 2004),
        ("Montenegro", 2005),
        ("Kosovo", 2007),
        ("South Sudan", 2010),
        ("Timor-Leste", 2001),
        ("Netherlands Antilles", 2011),
        ("Curaçao", 2009),
        ("Sint Maarten", 2009),
        ("Zaire", 2005),
    ],
)
def test_a_name_outside_its_years_is_refused(name, year):
    with pytest.raises(DataError) as caught:
        COUNTRIES.iso3(name, year, "data/raw/tip/2005.csv, row 7")
    assert str(caught.value).startswith(f'data/raw/tip/2005.csv, row 7: country "{name}" in {year}. Expected a year in')


def test_the_refusal_says_which_years_the_name_has():
    with pytest.raises(DataError, match=r"has the name: 2011 on\. Correct the name or the year\.$"):
        COUNTRIES.iso3("South Sudan", 2005)
    with pytest.raises(DataError, match=r"has the name: to 1997\."):
        COUNTRIES.iso3("Zaire", 2005)
    with pytest.raises(DataError, match=r"has the name: 2001 to 2006\."):
        COUNTRIES.iso3("Serbia and Montenegro", 2009)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(DataError) as caught:
        COUNTRIES.iso3("Eswatinii", 2019, "data/raw/tip/2019.csv, row 41")
    assert str(caught.value) == (
        'data/raw/tip/2019.csv, row 41: country "Eswatinii" is not in data/countries.csv. '
        'Nearest: "Eswatini", "Estonia". Add a row if it is the same country.'
    )


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("Congo", "Congo, Democratic Republic of the", "Congo, Republic of the"),
        ("Korea", "South Korea", "North Korea"),
    ],
)
def test_a_name_that_could_be_two_countries_is_nobody(name, one, other):
    with pytest.raises(DataError) as caught:
        COUNTRIES.iso3(name, 2005)
    assert f'"{one}"' in str(caught.value)
    assert f'"{other}"' in str(caught.value)


def test_no_more_than_three_countries_are_suggested():
    with pytest.raises(DataError, match=r'\. Nearest: "Spain", "Saint Lucia", "Eswatini"\. Add a row'):
        COUNTRIES.iso3("Saint", 2005)


def test_a_name_like_nothing_has_no_suggestions():
    with pytest.raises(DataError, match=r"is not in data/countries\.csv\. Add a row if it is the same country\.$"):
        COUNTRIES.iso3("Qqqqqq", 2005)


@pytest.mark.parametrize(
    ("printed", "unit"),
    [
        ("Burma", "MMR"),
        ("Swaziland", "SWZ"),
        ("SolomanIs", "SLB"),
        ("Kyrgzystan", "KGZ"),
        ("Phillipines", "PHL"),
        ("St Vincent & Gren", "VCT"),
        ("C.A.R.", "CAF"),
        ("Cote D'Ivoire", "CIV"),
        ("Türkiye", "TUR"),
        ("Namibia", "NAM"),
    ],
)
def test_spellings_as_printed(printed, unit):
    assert COUNTRIES.iso3(printed, 2009) == unit


@pytest.mark.parametrize(
    "spelling", ["CÔTE D'IVOIRE", "Cote d\u2019Ivoire", "  Côte\u00a0d\u02bcIvoire ", "Co\u0302te d`Ivoire"]
)
def test_case_accents_apostrophes_and_blanks_do_not_matter(spelling):
    assert COUNTRIES.iso3(spelling, 2009) == "CIV"


@pytest.mark.parametrize("spelling", ["Guinea Ecuatorial", "Ni ger", "Guinea, Bissau", "\u041cali"])
def test_nothing_else_is_forgiven(spelling):
    with pytest.raises(DataError):
        COUNTRIES.iso3(spelling, 2009)


@given(st.sampled_from(COUNTRIES.rows), st.integers(1995, 2025))
def test_every_name_means_its_unit_in_its_years_and_nothing_in_others(row, year):
    for name in row.names:
        if row.named_in(year):
            assert COUNTRIES.iso3(name.upper(), year) == row.unit
        else:
            with pytest.raises(DataError):
                COUNTRIES.iso3(name, year)


@given(st.text(max_size=40))
def test_the_form_for_comparison_is_final(text):
    assert comparable(comparable(text)) == comparable(text)


def test_the_list_holds_iso_3166_and_the_codes_outside_it():
    outside = {"XKX", "ANT", "SCG", "YUG", "PSE_GZ"}
    assert outside <= set(COUNTRIES.by_code)
    assert len(set(COUNTRIES.by_code) - outside) == 249  # ISO 3166-1 since South Sudan, August 2011


def test_former_codes_stand_under_the_unit_that_continues_them():
    assert [COUNTRIES.unit(code) for code in ("YUG", "SCG", "SRB", "MNE", "ANT", "PSE_GZ")] == [
        *["SRB"] * 3,
        "MNE",
        "ANT",
        "PSE_GZ",
    ]


def test_an_unknown_code_is_refused():
    with pytest.raises(DataError) as caught:
        COUNTRIES.unit("SRV", "data/raw/wdi/2026-07.csv, row 9")
    assert str(caught.value).startswith(
        'data/raw/wdi/2026-07.csv, row 9: country code "SRV" is not in data/countries.csv. Expected an ISO 3166 code'
    )
    assert str(caught.value).endswith("Correct the code, or add a row if it is right.")


# Members of the United Nations at the end of the year, its two observers, and Taiwan, Hong Kong, Macau.
@pytest.mark.parametrize(
    ("year", "members", "apart"),
    [
        (2001, 189 + 1, 0),  # Switzerland joined in 2002, but was there
        (2005, 191, 0),
        (2007, 192, 0),
        (2008, 192, 1),  # Kosovo
        (2010, 192, 2),  # and the Netherlands Antilles
        (2011, 192, 4),  # Kosovo, Aruba, Curacao, Sint Maarten
        (2012, 193, 4),
        (2025, 193, 4),
    ],
)
def test_the_universe_counts_states_and_what_the_reports_place_apart(year, members, apart):
    assert len(COUNTRIES.counted(year)) == members + 2 + 3 + apart


def test_the_universe_changes_when_states_do():
    def joined(year):
        return set(COUNTRIES.counted(year)) - set(COUNTRIES.counted(year - 1))

    def left(year):
        return set(COUNTRIES.counted(year - 1)) - set(COUNTRIES.counted(year))

    changes = {year: (joined(year), left(year)) for year in range(1996, 2026) if joined(year) or left(year)}
    assert changes == {
        2002: ({"TLS"}, set()),
        2007: ({"MNE"}, set()),
        2008: ({"XKX"}, set()),
        2009: ({"ANT"}, set()),
        2011: ({"ABW", "CUW", "SXM"}, {"ANT"}),
        2012: ({"SSD"}, set()),
    }


def test_a_unit_has_the_name_of_the_year():
    assert COUNTRIES.name("SRB", 1999) == "Yugoslavia (Federal Republic)"
    assert COUNTRIES.name("SCG", 2005) == "Serbia and Montenegro"
    assert COUNTRIES.name("COD", 1995) == "Congo, Democratic Republic of the"
    assert COUNTRIES.name("MNE", 1999) == "Montenegro"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["XXA,Aland,,,,,Same,", "XXB,Bland,,,,,same,"], '"same" means both XXA and XXB'),
        (["XXB,Bland,,,,,Same,", "XXA,Aland,,,,,same,"], '"same" means both XXB and XXA'),
        (["xxa,Aland,,,,,,"], 'row 2: iso3 "xxa". Expected a code of three capital letters'),
        (["XXA,Aland,99,,,,,"], 'row 2: first_year "99". Expected a year of four digits'),
        (["XXA,Aland,,,"], "row 2: 5 fields. Expected 8"),
        (["XXA,Aland,,,,,,", "XXB,Bland,,,,,,,"], "row 3: 9 fields. Expected 8"),
        (["XXA,Aland,,,,XXB,,"], "XXA has unit XXB. Expected one unit a code"),
        (
            ["XXA,Aland,,1999,,,,", "XXA,Bland,2000,,,XXB,,", "XXB,Cland,,,,,,"],
            "XXA has unit XXA. Expected one unit a code",
        ),
        ([",Aland,,,,,,"], 'row 2: iso3 "". Expected a code of three capital letters'),
        (["XXA, ,,,,,,"], "row 2: no name"),
        (["XXA,Aland,2000,1999,,,,"], "row 2: first_year 2000. Expected a year to 1999"),
        (['XXA,"Aland,,,,,,'], "row 2: unexpected end of data"),
    ],
)
def test_a_malformed_list_is_refused(tmp_path, rows, message):
    (tmp_path / "countries.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_countries(tmp_path)
    assert str(caught.value).startswith("data/countries.csv")
    assert message in str(caught.value)


def test_a_list_that_is_cut_off_is_refused(tmp_path):
    (tmp_path / "countries.csv").write_text(f"{HEADER}\nXXA,Aland,,,,,,cut", encoding="utf-8")
    with pytest.raises(DataError, match="ends within a line"):
        load_countries(tmp_path)


def test_a_line_of_a_note_is_no_row(tmp_path):
    (tmp_path / "countries.csv").write_text(f'{HEADER}\nXXA,Aland,,,,,,"one\u2028two\nthree"\n', encoding="utf-8")
    assert [row.note for row in load_countries(tmp_path).rows] == ["one\u2028two\nthree"]


def test_a_name_without_years_holds_in_every_year_of_four_digits(tmp_path):
    (tmp_path / "countries.csv").write_text(f"{HEADER}\nXXA,Aland,,,,,,\nXXB,Bland,2000,2000,,,,\n", encoding="utf-8")
    always, once = load_countries(tmp_path).rows
    assert [always.named_in(year) for year in (0, 1999, 9999)] == [True] * 3
    assert [once.named_in(year) for year in (1999, 2000, 2001)] == [False, True, False]


def test_the_same_name_may_mean_two_units_in_different_years(tmp_path):
    rows = ["XXA,Aland,,1999,,,Same,", "XXB,Bland,2000,,,,Same,"]
    (tmp_path / "countries.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    countries = load_countries(tmp_path)
    assert (countries.iso3("Same", 1999), countries.iso3("Same", 2000)) == ("XXA", "XXB")


def test_a_unit_may_have_one_name_in_two_rows(tmp_path):
    rows = ["XXA,Aland,,1999,,,Same,", "XXA,Bland,1999,,,,Same,"]
    (tmp_path / "countries.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    assert load_countries(tmp_path).iso3("Same", 1999) == "XXA"


@pytest.mark.parametrize("header", [HEADER.removesuffix(",note"), f"{HEADER},more"])
def test_a_list_with_a_column_less_or_more_is_refused(tmp_path, header):
    (tmp_path / "countries.csv").write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"^data/countries\.csv: header .*Restore the header"):
        load_countries(tmp_path)


def test_a_list_with_another_header_missing_or_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(DataError, match="the file does not exist"):
        load_countries(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "countries.csv").write_text("iso3,name\n", encoding="utf-8")
    with pytest.raises(DataError, match="header 'iso3,name'"):
        load_countries(tmp_path / "one")
    (tmp_path / "two").mkdir()
    shutil.copyfile(figures_root() / "countries.csv", tmp_path / "two" / "countries.csv")
    with (tmp_path / "two" / "countries.csv").open("ab") as stream:
        stream.write("XXA,Åland,,,,,,\n".encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8"):
        load_countries(tmp_path / "two")
