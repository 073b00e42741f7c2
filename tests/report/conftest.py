"""The replication that several tests lay out, carried out once, and a browser to open what they make."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from corrtip.data.panel import Panel
from corrtip.studies.replication import Replication, replicate

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
# Nothing but the page that a test opens: what the browser would ask of its makers is off, and no name leads anywhere.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-first-run",
    "--no-sandbox",
)


@pytest.fixture(scope="session")
def replication(panel: Panel) -> Replication:
    """Zhang and Pineda's study on the published figures."""
    return replicate("zhang_pineda_2008", panel)


# Of a module, not of the run: while it is open no other test could start a loop of its own, as running a notebook does.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()
