"""The replication that several tests lay out, carried out once."""

import pytest

from corrtip.data.panel import Panel
from corrtip.studies.replication import Replication, replicate


@pytest.fixture(scope="session")
def replication(panel: Panel) -> Replication:
    """Zhang and Pineda's study on the published figures."""
    return replicate("zhang_pineda_2008", panel)
