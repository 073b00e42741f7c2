"""What holds for every test: the figures are read once, and a property is tried on the same examples in every run."""

import pytest
from hypothesis import settings

from corrtip.data.panel import Panel, load_panel

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def panel() -> Panel:
    """The published figures."""
    return load_panel()
