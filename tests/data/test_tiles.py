"""Tiles: every country has one, and the map is one of the world."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy.stats import spearmanr

from corrtip.data import tiles
from corrtip.data.panel import Panel
from corrtip.data.tiles import load_tiles
from corrtip.errors import DataError

# Latitude and longitude of capitals, in whole degrees.
CAPITALS = {
    "ISL": (64, -22),
    "NOR": (60, 11),
    "RUS": (56, 38),
    "GBR": (52, 0),
    "CAN": (45, -76),
    "ITA": (42, 12),
    "USA": (39, -77),
    "TUR": (40, 33),
    "CHN": (40, 116),
    "JPN": (36, 140),
    "MAR": (34, -7),
    "IRQ": (33, 44),
    "EGY": (30, 31),
    "IND": (29, 77),
    "CUB": (23, -82),
    "MEX": (19, -99),
    "SEN": (15, -17),
    "PHL": (15, 121),
    "NGA": (9, 7),
    "COL": (5, -74),
    "KEN": (-1, 37),
    "IDN": (-6, 107),
    "PER": (-12, -77),
    "BRA": (-16, -48),
    "MDG": (-19, 48),
    "FJI": (-18, 178),
    "ZAF": (-26, 28),
    "CHL": (-33, -71),
    "AUS": (-35, 149),
    "NZL": (-41, 175),
}
# Pairs that share a border, far from one another on the list above.
BORDERS = ["USA CAN", "ESP PRT", "DEU POL", "TUR GRC", "EGY LBY", "IND BGD", "ZAF LSO", "ARG CHL", "IDN TLS", "COD AGO"]


def test_every_country_that_is_counted_has_a_tile_of_its_own(panel: Panel) -> None:
    found = load_tiles()
    counted = {iso3 for year in range(1995, 2026) for iso3 in panel.countries.counted(year)}
    assert counted <= set(found) <= set(panel.countries.by_code)
    assert len(set(found.values())) == len(found)


def test_north_is_above_and_east_is_right() -> None:
    rows, columns = zip(*(load_tiles()[iso3] for iso3 in CAPITALS), strict=True)
    latitudes, longitudes = zip(*CAPITALS.values(), strict=True)
    assert spearmanr(rows, latitudes).statistic < -0.95
    assert spearmanr(columns, longitudes).statistic > 0.95


@pytest.mark.parametrize("pair", BORDERS)
def test_neighbours_touch(pair: str) -> None:
    (row, column), (other_row, other_column) = (load_tiles()[iso3] for iso3 in pair.split())
    assert max(abs(row - other_row), abs(column - other_column)) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [("XXX,1,1", 'row 3: country "XXX"'), ("AGO,8,21", "row 3: AGO at"), ("AFG,9,21", "row 3: AFG at")],
    ids=["unknown", "taken", "twice"],
)
def test_a_line_that_cannot_be_is_named(
    line: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiles.csv").write_text(f"iso3,row,column\nAFG,8,21\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(tiles, "figures_root", lambda: tmp_path)
    with pytest.raises(DataError, match=problem):
        load_tiles.__wrapped__()
