"""A grid small enough to be counted by hand."""

from pathlib import Path

import pytest

from corrtip.robustness.grid import Grid, load_grid

SMALL = """
question = "Does it hold?"

[spec]
outcome = "tier"
focal = "cpi_pre2012"
years = [2005, 2005]

[[choices]]
name = "focal"
options = [
  { name = "CPI", why = "The study's." },
  { name = "V-Dem", why = "Another.", change = { focal = "vdem_corruption" } },
]

[[choices]]
name = "controls"
options = [
  { name = "none", why = "As it stands." },
  { name = "mortality", why = "Poverty.", change = { controls = ["infant_mortality"] } },
]

[[choices]]
name = "figures"
options = [
  { name = "now", why = "Known today.", change = { vintages = { infant_mortality = "wdi-2026-07" } } },
  { name = "then", why = "Known then.", change = { vintages = { infant_mortality = "factbook-2005" } } },
]

[[choices]]
name = "tiers"
options = [
  { name = "four", why = "As ranked." },
  { name = "three", why = "As the law has them.", change = { merge = { tier = { "2WL" = "2" } } } },
]

[[choices]]
name = "covariance"
options = [
  { name = "model", why = "Usual." },
  { name = "HC1", why = "Robust.", change = { covariance = "HC1" } },
]

[[excluded]]
options = { focal = ["V-Dem"], figures = ["then"] }
why = "One departure at a time."
"""


@pytest.fixture(scope="session")
def small_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a small grid."""
    path = tmp_path_factory.mktemp("grids") / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small(small_path: Path) -> Grid:
    """Two measures, with and without one control in two vintages, two codings, two covariances."""
    return load_grid(small_path)
