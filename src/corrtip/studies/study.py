"""What was published: a study, its claims and its variants, each study one TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corrtip.declare import declared, read_toml
from corrtip.errors import DeclarationError, nearest
from corrtip.spec import Spec
from corrtip.studies.claims import ClaimTest, build_test, meets

BASE = "base"
"""The name of a study's own specification among its variants."""

_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence of a study that can be checked.

    Parameters
    ----------
    id : str
    at : str
        Where it is printed, or who reports it.
    text : str
        The claim in our words.
    test : str
        Name of the test that decides it: `corrtip.studies.claims.TESTS`.
    parameters : mapping
        The test's parameters.
    printed : mapping of str to str
        Numbers as printed, which carry their own tolerance, by what they are: ``joint.n``,
        ``joint.infant_mortality.p_value``, ``alone.cpi_pre2012.cpi_pre2012.estimate``.
    """

    id: str
    at: str
    text: str
    test: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    printed: Mapping[str, str] = field(default_factory=dict)

    @property
    def decider(self) -> ClaimTest:
        """The test, with its parameters."""
        return build_test(self.test, self.parameters, f"claim {self.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another defensible way to do the same.

    Parameters
    ----------
    name : str
    change : mapping
        Fields of the study's `Spec` that differ; a field that is named here is replaced whole.
    why : str
    """

    name: str
    change: Mapping[str, Any]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A published study.

    Parameters
    ----------
    id : str
        The stem of its file.
    citation, doi, question : str
    departures : tuple of str
        What could not be had, and what stands in for it.
    spec : Spec
        The model nearest to the study's own.
    claims : tuple of Claim
    variants : tuple of Variant
    groups : mapping of str to tuple of str
        Predictors that measure one thing: ``poverty``.
    fewest : int
        A variant with fewer rows is not fitted: its tests, which rest on large samples, would say nothing.
    remarks : mapping of str to str
        Paragraphs for the reader, by topic.

    Raises
    ------
    DeclarationError
        If an id or a name comes twice, a claim's test is unknown, or a variant does not make a specification.
    """

    id: str
    citation: str
    doi: str
    question: str
    departures: tuple[str, ...]
    spec: Spec
    claims: tuple[Claim, ...]
    variants: tuple[Variant, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fewest: int = 30
    remarks: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, names in (
            ("claims", [claim.id for claim in self.claims]),
            ("variants", [BASE, *(variant.name for variant in self.variants)]),
        ):
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                raise DeclarationError(f"study {self.id}, {kind}", f'"{repeated[0]}" twice', expected="each name once")
        for place, claim in enumerate(self.claims):
            build_test(claim.test, claim.parameters, f"study {self.id}, claims[{place}]")
            for text in claim.printed.values():
                meets(text, 0.0)
        self.specs()

    @property
    def own(self) -> Variant:
        """The study's own specification as the variant that changes nothing."""
        return Variant(name=BASE, change={}, why="The model nearest to the study's own.")

    def specs(self) -> dict[str, Spec]:
        """Return the specification of each variant by name, the study's own first as ``base``."""
        own = self.spec.as_dict()
        changed = {
            variant.name: declared(Spec, {**own, **variant.change}, f"study {self.id}, variants[{place}].change")
            for place, variant in enumerate(self.variants)
        }
        return {BASE: self.spec, **changed}


def load_study(study: str | Path) -> Study:
    """Return a study that ships with the package, by its id, or one from a file of your own.

    Parameters
    ----------
    study : str or Path
        ``"zhang_pineda_2008"``, or a path to a TOML file.

    Raises
    ------
    DeclarationError
        If there is no such study, or the file does not declare one: an unknown or missing key, a wrong type, a test
        that is not in the vocabulary.

    Examples
    --------
    >>> [claim.id for claim in load_study("zhang_pineda_2008").claims]
    ['A', 'B', 'C', 'D']
    """
    path = study if isinstance(study, Path) else _shipped(study)
    where = f"studies/{path.name}"
    table = read_toml(path, where)
    if "id" in table:
        raise DeclarationError(where, 'key "id"', expected="no such key", mend="A study's id is the stem of its file")
    return declared(Study, {**table, "id": path.stem}, where)


def list_studies() -> tuple[Study, ...]:
    """Return the studies that ship with the package, by id.

    Examples
    --------
    >>> "zhang_pineda_2008" in [study.id for study in list_studies()]
    True
    """
    return tuple(load_study(path) for path in sorted(_FOLDER.glob("*.toml")))


def _shipped(name: str) -> Path:
    known = {path.stem: path for path in sorted(_FOLDER.glob("*.toml"))}
    if name not in known:
        raise DeclarationError(
            f'study "{name}"', "there is none", expected=f"one of {', '.join(known)}", mend=nearest(name, known)
        )
    return known[name]
