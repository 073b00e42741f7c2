"""A small folder of figures that a test may damage."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from corrtip.data.catalogue import load_catalogue
from corrtip.data.countries import load_countries
from corrtip.data.figures import Names
from corrtip.data.source import Edition, read_edition
from corrtip.project import figures_root

SIDECAR = {
    "publisher": "A publisher",
    "title": "A title",
    "landing_page": "https://example.org/",
    "licence": "CC BY 4.0",
    "redistribute": True,
    "transcription": "typed",
    "confirmation": "none",
    "complete": True,
}


class Folder:
    """A folder with the project's countries and catalogue, and the editions that a test writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.raw = root / "raw"
        self.raw.mkdir()
        for name in ("countries.csv", "variables.toml"):
            shutil.copyfile(figures_root() / name, root / name)

    def write(self, edition: str, text: str | bytes, /, extra: str = "", **sidecar: object) -> Path:
        """Write a file and a sidecar with its hash; ``sidecar`` replaces keys, ``extra`` is appended as TOML."""
        path = self.raw / f"{edition}.csv"
        path.parent.mkdir(exist_ok=True)
        data = text.encode() if isinstance(text, str) else text
        path.write_bytes(data)
        table = {**SIDECAR, "edition": path.stem, "sha256": hashlib.sha256(data).hexdigest(), **sidecar}
        lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        path.with_suffix(".toml").write_text("\n".join([*lines, extra, ""]), encoding="utf-8")
        return path

    def edition(self, edition: str, text: str | bytes, /, extra: str = "", **sidecar: object) -> Edition:
        """Write an edition and open it."""
        return read_edition(self.write(edition, text, extra, **sidecar), self.root)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def names() -> Names:
    return Names(countries=load_countries(), catalogue=load_catalogue())
