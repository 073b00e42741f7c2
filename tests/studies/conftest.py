"""A small made-up study on the real figures, with a variant for each way in which one can fail."""

from pathlib import Path

import pytest

from corrtip.data.panel import Panel
from corrtip.studies.replication import Replication, replicate

BASE = """
citation = "Somebody (2008)."
doi = "10.1/1"
question = "Is it?"
departures = ["All of it."]

[spec]
outcome = "tier"
focal = "cpi_pre2012"
controls = ["infant_mortality"]
years = [2005, 2005]
vintages = { infant_mortality = "factbook-2005" }

[groups]
poverty = ["infant_mortality", "gini"]
"""
CLAIMS = """
[[claims]]
id = "A"
at = "p. 1"
text = "Most are."
test = "most_related_alone"

[[claims]]
id = "B"
at = "p. 2"
text = "One is."
test = "only_focal_stands_out"
parameters = { sign = "-" }

[[claims]]
id = "C"
at = "p. 3"
text = "It is most."
test = "most_important"

[[claims]]
id = "D"
at = "p. 4"
text = "They go together."
test = "ranks_together"
parameters = { sign = "-" }
"""
VARIANTS = """
[[variants]]
name = "one_country_region"
why = "A region of one country."
change = { controls = ["infant_mortality", "region"] }

[[variants]]
name = "few"
why = "One small region."
change = { sample = { region = ["South Asia"] } }

[[variants]]
name = "nobody"
why = "The only country of a region: one level."
change = { sample = { region = ["North America"] } }
"""


@pytest.fixture(scope="session")
def somebodys_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "somebody_2008.toml"
    path.write_text(BASE + CLAIMS + VARIANTS)
    return path


@pytest.fixture(scope="session")
def somebodys_replication(somebodys_study: Path, panel: Panel) -> Replication:
    return replicate(somebodys_study, panel)
