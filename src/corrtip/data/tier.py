"""The tiers of the Trafficking in Persons Report and their calendar: which level could be given in which report."""

from __future__ import annotations

from typing import Literal

from corrtip.errors import DataError

LEVELS = ("1", "2", "2WL", "3")
"""All tiers, best to worst."""

SPECIAL = "special"
"""What a raw file holds for a country that a report describes as a special case, without a rank."""

FIRST_REPORT = 2001
WATCH_LIST_SINCE = 2004

TierStatus = Literal["observed", "special_case", "missing"]


def levels_in(year: int) -> tuple[str, ...]:
    """Return the tiers that the report of ``year`` could give, best to worst.

    Parameters
    ----------
    year : int
        Report year. The June report of year Y covers April Y-1 to March Y.

    Raises
    ------
    DataError
        If there was no report in that year.

    Notes
    -----
    The Trafficking Victims Protection Act of 2000 has three tiers; the watch list came with its reauthorisation of
    December 2003 and so with the report of 2004. The first report is that of 2001.

    Examples
    --------
    >>> levels_in(2003)
    ('1', '2', '3')
    >>> levels_in(2005)
    ('1', '2', '2WL', '3')
    """
    if year < FIRST_REPORT:
        raise DataError("tier", f"report year {year}", expected=f"{FIRST_REPORT} or later: the first report is of 2001")
    return LEVELS if year >= WATCH_LIST_SINCE else tuple(level for level in LEVELS if level != "2WL")


def read_tier(text: str, year: int, where: str) -> tuple[str | None, TierStatus]:
    """Return the level and the status that one cell of a raw file stands for.

    Parameters
    ----------
    text : str
        ``"1"``, ``"2"``, ``"2WL"``, ``"3"``, ``"special"``, or a set such as ``"1|2"`` where only the set is known.
    year : int
        Report year.
    where : str
        File and row, for the error.

    Returns
    -------
    (str or None, str)
        The level and ``"observed"``; no level and ``"special_case"``; or, for a set, no level and ``"missing"``:
        a placement of which only the set is known is never guessed.

    Raises
    ------
    DataError
        If a tier is unknown, did not exist in that report, or is named twice in a set.

    Examples
    --------
    >>> read_tier("2WL", 2005, "tip/2005.csv, row 2")
    ('2WL', 'observed')
    >>> read_tier("1|2", 2025, "tip/2025.csv, row 2")
    (None, 'missing')
    """
    if text == SPECIAL:
        return None, "special_case"
    known = levels_in(year)
    possible = text.split("|")
    for level in possible:
        if level not in known:
            why = "the watch list began with the report of 2004; " if level == "2WL" else ""
            raise DataError(where, f'tier "{text}" in {year}', expected=f"{why}one of {', '.join((*known, SPECIAL))}")
    if len(set(possible)) < len(possible):
        raise DataError(where, f'tier "{text}" names a level twice', expected='a set such as "1|2"')
    return (text, "observed") if len(possible) == 1 else (None, "missing")
