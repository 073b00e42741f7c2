"""Treaties: who was a party by the end of each year, and what is not known after the list was read."""

import pytest

from corrtip.data.source import read_edition
from corrtip.data.sources import treaties
from corrtip.errors import DataError
from corrtip.project import figures_root

HEADER = ",".join(treaties.COLUMNS)
PALERMO = "XVIII-12-a"


def read(folder, names, *rows):
    return treaties.read(folder.edition("treaties/2025", "\n".join([HEADER, *rows, ""])), names)


def refusal(folder, names, *rows):
    with pytest.raises(DataError) as caught:
        read(folder, names, *rows)
    return caught.value


@pytest.fixture(scope="module")
def published(names):
    return treaties.read(read_edition(figures_root() / "raw" / "treaties" / "2025.csv"), names)


def years(frame, status, value=None):
    """Return the years of a status, and of a value if one is given."""
    chosen = frame["status"] == status
    return list(frame["year"][chosen if value is None else chosen & (frame["value"] == value)])


def test_a_state_is_a_party_from_the_year_of_its_consent(folder, names):
    frame = read(folder, names, f"USA,{PALERMO},2000-12-13,2005-11-03,ratification,,,")
    assert years(frame, "observed", 0) == list(range(2000, 2005))
    assert years(frame, "observed", 1) == list(range(2005, 2026))
    assert list(frame["year"][frame["derived"]]) == list(range(2014, 2026))
    assert (set(frame["variable"]), set(frame["vintage"])) == ({"palermo_party"}, {"treaties-2025"})
    assert (set(frame["raw"]), set(frame["line"])) == ({"2005-11-03"}, {2})


@pytest.mark.parametrize("signature", ["2000-12-13", ""])
def test_without_a_consent_a_state_is_no_party_to_2013_and_missing_thereafter(folder, names, signature):
    frame = read(folder, names, f"USA,{PALERMO},{signature},,,,,")
    assert years(frame, "observed", 0) == list(range(2000, 2014))
    assert years(frame, "missing") == list(range(2014, 2026))
    assert frame["value"][frame["status"] == "missing"].isna().all()


@pytest.mark.parametrize("consent", ["2017-07-11", "2017"])
def test_a_later_consent_speaks_for_its_year_and_those_after_it_only(folder, names, consent):
    frame = read(folder, names, f"JPN,{PALERMO},2002-12-09,{consent},acceptance,A,a page,")
    assert years(frame, "observed", 0) == list(range(2000, 2014))
    assert years(frame, "missing") == [2014, 2015, 2016]
    assert years(frame, "observed", 1) == list(range(2017, 2026))


def test_a_state_has_no_figure_before_it_began(folder, names):
    frame = read(folder, names, f"MNE,{PALERMO},,2006-10-23,succession,,,", "SSD,XVIII-14,,,,,,")
    assert frame["year"][frame["iso3"] == "MNE"].min() == 2006
    assert frame["year"][frame["iso3"] == "SSD"].min() == 2011


def test_the_state_that_continued_has_figures_through_its_names(folder, names):
    frame = read(folder, names, f"SRB,{PALERMO},2000-12-12,2001-09-06,ratification,,,")
    assert list(frame["year"]) == list(range(2000, 2026))


@pytest.mark.parametrize("cell", ["2005-13-01", "2005-02-30", "3 Nov 2005", "1999-01-01", "1999", "2026", "2005-11"])
def test_a_malformed_or_impossible_date_is_refused(folder, names, cell):
    error = refusal(folder, names, f"DEU,{PALERMO},,2006-06-14,,,,", f"USA,{PALERMO},,{cell},,,,")
    assert (error.where, error.seen) == ("data/raw/treaties/2025.csv, row 3", f'consent "{cell}"')
    assert "from 2000 to 2025" in error.expected


def test_an_unknown_treaty_is_refused(folder, names):
    error = refusal(folder, names, "USA,XVIII-12-d,,2005-11-03,,,,")
    assert (error.where, error.seen) == ("data/raw/treaties/2025.csv, row 2", 'treaty "XVIII-12-d"')
    assert "XVIII-12-a" in error.expected


def test_a_state_that_stands_twice_is_refused(folder, names):
    row = f"USA,{PALERMO},,2005-11-03,,,,"
    assert "a second palermo_party of USA in 2000" in refusal(folder, names, row, row).seen


# A treaty enters into force ninety days after the fortieth consent (the Convention against Corruption: the thirtieth).
@pytest.mark.parametrize(
    ("number", "fortieth", "parties"),
    [("XVIII-12", "2003-07-01", 40), ("XVIII-12-a", "2003-09-26", 40), ("XVIII-14", "2005-09-15", 30)],
)
def test_as_many_had_consented_as_entry_into_force_needs(names, number, fortieth, parties):
    held = treaties.read_raw(read_edition(figures_root() / "raw" / "treaties" / "2025.csv"), treaties.COLUMNS).columns
    consents = [day for treaty, day in zip(held["treaty"], held["consent"], strict=True) if treaty == number and day]
    assert sum(day <= fortieth for day in consents) == parties


def test_parties_at_the_end_of_2013_are_as_many_as_the_depositary_counted(published):
    last = published[(published["year"] == treaties.LISTED_TO) & (published["value"] == 1)]
    # With the European Union, which is no state and has no row, 159, 179 and 138 parties.
    counts = last["variable"].astype(str).value_counts()
    assert counts[["palermo_party", "untoc_party", "smuggling_protocol_party"]].to_list() == [158, 178, 137]


@pytest.mark.parametrize(
    ("iso3", "before", "first"), [("USA", 2004, 2005), ("DEU", 2005, 2006), ("GBR", 2005, 2006), ("IND", 2010, 2011)]
)
def test_consents_to_the_palermo_protocol_are_those_of_the_depositary(published, iso3, before, first):
    party = published[(published["variable"] == "palermo_party") & (published["iso3"] == iso3)].set_index("year")
    assert (party.loc[before, "value"], party.loc[first, "value"]) == (0, 1)


def test_after_the_list_nobody_is_said_not_to_be_a_party(published):
    later = published[published["year"] > treaties.LISTED_TO]
    assert set(later["value"].dropna()) == {1}
    assert not {"HKG", "MAC", "TWN", "XKX"} & set(published["iso3"])
