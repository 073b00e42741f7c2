"""Which inputs made which outputs: build/manifest.json, the same bytes for the same run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from corrtip.declare import declared
from corrtip.errors import ReportError
from corrtip.report.artifacts import Artifact, json_text, sha256
from corrtip.studies.evidence import SEED

LIBRARIES: Final = (
    "altair",
    "corrtip",
    "formulaic",
    "matplotlib",
    "numpy",
    "pandas",
    "pypandoc_binary",
    "scipy",
    "statsmodels",
    "typst",
    "vl-convert-python",
)
"""The libraries whose versions decide the numbers and the documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a build was made of, by what, and what it wrote.

    Parameters
    ----------
    artifacts : tuple of Artifact
        What the notebooks saved, sorted by name.
    inputs, code : mapping of str to str
        SHA-256 of what the artifacts were made from, and of the library's modules, by path in the checkout.
    outputs : mapping of str to str
        SHA-256 of every file that was written, by path in the build folder.
    seed : int
        Of every bootstrap.
    python : str
    libraries : mapping of str to str
        Versions.
    """

    artifacts: tuple[Artifact, ...]
    inputs: Mapping[str, str]
    code: Mapping[str, str]
    outputs: Mapping[str, str]
    seed: int
    python: str
    libraries: Mapping[str, str]


def read_manifest(build: Path) -> Manifest:
    """Return the manifest of a build.

    Raises
    ------
    ReportError
        If there is none, or it is not JSON.
    DeclarationError
        If it is not a manifest as this version writes them.
    """
    where, mend = "build/manifest.json", "Run `make report`"
    try:
        table = json.loads((build / "manifest.json").read_bytes())
    except FileNotFoundError as error:
        raise ReportError(where, "the file does not exist: nothing was built", mend=mend) from error
    except ValueError as error:
        raise ReportError(where, f"not a manifest: {error}", mend=mend) from error
    return declared(Manifest, table, where)


def build_manifest(root: Path, build: Path, artifacts: Sequence[Artifact], made: Mapping[str, bytes]) -> str:
    """Return the manifest of a build as JSON.

    Parameters
    ----------
    root : Path
        The checkout: inputs are named relative to it.
    build : Path
        The build folder: outputs are named relative to it.
    artifacts : sequence of Artifact
        What the notebooks saved.
    made : mapping of str to bytes
        The documents by their names in the build folder; they are not on disk yet.

    Returns
    -------
    str
        The fields of `Manifest`. Paths are relative, keys sorted; no time, machine or user is in it.

    Raises
    ------
    ReportError
        If an input that an artifact names is not in the checkout.
    """
    named = {name for artifact in artifacts for name in artifact.inputs}
    for name in sorted(named):
        if not (root / name).is_file():
            raise ReportError("manifest", f'the input "{name}" is not in the checkout', mend="Run the notebooks again")
    # A correction changes what every figure is read as, and no artifact names it.
    corrections = (root / "data" / "corrections").glob("*.toml")
    prose = (path for path in (root / "report").rglob("[!.]*") if path.is_file())
    always = {path.relative_to(root).as_posix() for path in (*corrections, *prose)}
    outputs = {path.relative_to(build).as_posix(): sha256(path) for path in _written(build, artifacts)}
    outputs |= {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}
    manifest = Manifest(
        artifacts=tuple(sorted(artifacts, key=lambda artifact: artifact.name)),
        inputs={name: sha256(root / name) for name in sorted(named | always)},
        code={path.relative_to(root).as_posix(): sha256(path) for path in list_code(root)},
        outputs=outputs,
        seed=SEED,
        python=platform.python_version(),
        libraries={name: version(name) for name in LIBRARIES},
    )
    return json_text(dataclasses.asdict(manifest))


def list_code(root: Path) -> list[Path]:
    """Return the library's modules and declarations in a checkout, sorted: what every output was made by."""
    return sorted(path for path in (root / "src").rglob("[!.]*") if path.suffix in {".py", ".toml"})


def _written(build: Path, artifacts: Sequence[Artifact]) -> Iterator[Path]:
    for artifact in artifacts:
        yield build / artifact.path
        if artifact.kind == "figure":
            yield (build / artifact.path).with_suffix(".png")
    for notebook in {Path(artifact.path).parent.name for artifact in artifacts}:
        for ending in ("ipynb", "html"):
            yield build / "notebooks" / f"{notebook}.{ending}"
