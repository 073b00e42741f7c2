"""What the panel holds, in which year, how far confirmed, from whom: counts of its rows and nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from corrtip.data.panel import Panel
from corrtip.report.formats import MISSING, format_number
from corrtip.report.tables import Table
from corrtip.report.words import named

CONFIRMED: Final = 2
"""Independent sources from which on a figure counts as confirmed."""

CONFIRMED_IN_WORDS: Final = "two or more independent sources"
"""The same, as people read it."""

_HELD: Final = ("observed", "corrected")


def count_by_year(panel: Panel, variable: str) -> pd.DataFrame:
    """Return what the panel holds of a variable in each year.

    Parameters
    ----------
    panel : Panel
    variable : str
        A variable of one vintage.

    Returns
    -------
    DataFrame
        Indexed by year: held (countries with a figure), confirmed (of these and the special cases, how many stand in
        two or more independent sources), derived (deduced from an explicit statement), special_case, missing
        (listed, but the figure was not found), not_listed (not in the publication).

    Examples
    --------
    >>> from corrtip.data.panel import load_panel
    >>> count_by_year(load_panel(), "tier").loc[2005, ["held", "special_case"]].tolist()
    [142, 7]
    """
    rows = panel.frame[panel.frame["variable"] == variable]
    held = rows["status"].isin(_HELD)
    special = rows["status"] == "special_case"
    counts = pd.DataFrame(
        {
            "held": held,
            "confirmed": (held | special) & (rows["n_independent"].fillna(0) >= CONFIRMED),
            "derived": (held | special) & rows["derived"],
            "special_case": special,
            "missing": rows["status"] == "missing",
            "not_listed": rows["status"] == "not_listed",
        }
    )
    return counts.groupby(rows["year"]).sum().astype(int)


def count_by_vintage(panel: Panel, variables: Iterable[str], year: int, ranked_in: str = "tier") -> pd.DataFrame:
    """Return for how many countries each variable has a figure, by vintage, in one year.

    Parameters
    ----------
    panel : Panel
    variables : iterable of str
    year : int
    ranked_in : str
        Only countries with a figure of this variable in that year are counted.

    Returns
    -------
    DataFrame
        Columns variable, vintage, countries; one row for each vintage that has any figure of that year.
    """
    frame = panel.frame[(panel.frame["year"] == year) & panel.frame["status"].isin(_HELD)]
    ranked = set(frame.loc[frame["variable"] == ranked_in, "iso3"])
    rows = frame[frame["variable"].isin(list(variables)) & frame["iso3"].isin(ranked)]
    counted = rows.groupby(["variable", "vintage"], observed=True)["iso3"].nunique().to_dict()
    order = [(name, vintage) for name in variables for vintage in panel.catalogue[name].vintages]
    found = [(*pair, int(counted[pair])) for pair in order if pair in counted]
    return pd.DataFrame(found, columns=["variable", "vintage", "countries"])


def list_sources(panel: Panel) -> pd.DataFrame:
    """Return the sources, a row for each publisher's series.

    Returns
    -------
    DataFrame
        Columns source (folder of data/raw), publisher, title (of the last edition), first, last, editions, licence,
        redistribute.
    """
    folders = list(dict.fromkeys(edition.split("/")[0] for edition in panel.sources))
    rows = []
    for folder in folders:
        editions = [source for edition, source in panel.sources.items() if edition.split("/")[0] == folder]
        first, last = editions[0], editions[-1]
        rows.append(
            {
                "source": folder,
                "publisher": last.publisher,
                "title": last.title,
                "first": first.edition,
                "last": last.edition,
                "editions": len(editions),
                "licence": last.licence,
                "redistribute": all(source.redistribute for source in editions),
            }
        )
    return pd.DataFrame(rows)


def table_coverage(counts: Mapping[str, pd.DataFrame], *, caption: str) -> Table:
    """Return the table of what is held in each year, one pair of columns for each publication.

    Parameters
    ----------
    counts : mapping of str to DataFrame
        What `count_by_year` gives, by the heading of its columns; years may differ.
    caption : str

    Returns
    -------
    Table
    """
    years = sorted({year for count in counts.values() for year in count.index})
    rows = [
        (format_number(year, "year"), *(cell for c in counts.values() for cell in _year(c, year))) for year in years
    ]
    heads = tuple(f"{name}, {what}" for name in counts for what in ("countries", "confirmed", "special", "not found"))
    return Table(
        caption=caption,
        columns=("Year", *heads),
        align="l" + "r" * len(heads),
        rows=tuple(rows),
        note=(
            f"Countries: with a figure. Confirmed: of these and the special cases, those that {CONFIRMED_IN_WORDS} "
            "give. Special: listed, but not ranked. Not found: listed or possibly listed, the "
            f"figure not found by us; they are missing, not absent. {MISSING}: nothing published."
        ),
    )


def _year(count: pd.DataFrame, year: int) -> tuple[str, str, str, str]:
    if year not in count.index:
        return (MISSING, MISSING, MISSING, MISSING)
    row = count.loc[year]
    confirmed = row["confirmed"] / (row["held"] + row["special_case"])
    return (
        format_number(row["held"], "count"),
        format_number(confirmed, "percent"),
        format_number(row["special_case"], "count"),
        format_number(row["missing"], "count"),
    )


def table_sources(sources: pd.DataFrame) -> Table:
    """Return the table of sources and licences; takes what `list_sources` gives."""
    rows = [
        (
            row["publisher"],
            row["title"],
            row["first"] if row["editions"] == 1 else f"{row['first']} to {row['last']}",
            row["licence"],
        )
        for row in sources.to_dict(orient="records")
    ]
    return Table(
        caption="The sources, their editions and licences",
        columns=("Publisher", "Title (of the last edition)", "Editions", "Licence"),
        align="llll",
        rows=tuple(rows),
    )


def table_vintages(counts: pd.DataFrame, panel: Panel, year: int) -> Table:
    """Return the table of figures by vintage, beside one another; takes what `count_by_vintage` gives."""
    vintages = list(dict.fromkeys(counts["vintage"]))
    wide = counts.pivot(index="variable", columns="vintage", values="countries")  # noqa: PD010
    names = list(dict.fromkeys(counts["variable"]))
    rows = [
        (
            named(panel.catalogue[name]),
            *(format_number(wide.loc[name, vintage], "count") for vintage in vintages),
        )
        for name in names
    ]
    return Table(
        caption=f"Countries ranked in {year} that have a figure, by vintage",
        columns=("Figure", *vintages),
        align="l" + "r" * len(vintages),
        rows=tuple(rows),
    )
