"""What was published: a study, its claims and its variants, each study one TOML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corrtip.declare import declared, read_toml
from corrtip.errors import DeclarationError, nearest
from corrtip.spec import Spec
from corrtip.studies.beyond import Pool, Span
from corrtip.studies.claims import ClaimTest, meets
from corrtip.studies.supplied import FileModel, Supplied
from corrtip.studies.vocabulary import build_test

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
        Name of the test that decides it: `corrtip.studies.vocabulary.TESTS`.
    model : str
        Which of the study's models it is about: its own specification, one of ``models``, or one on a supplied file.
    parameters : mapping
        The test's parameters.
    printed : mapping of str to str
        Numbers as printed, which carry their own tolerance, by what they are: ``joint.n``,
        ``joint.infant_mortality.p_value``, ``alone.cpi_pre2012.cpi_pre2012.estimate``, or a figure of the test. An
        empty text is a number that is printed and not known to us: `corrtip study enter` takes it.
    """

    id: str
    at: str
    text: str
    test: str
    model: str = BASE
    parameters: Mapping[str, Any] = field(default_factory=dict)
    printed: Mapping[str, str] = field(default_factory=dict)

    @property
    def decider(self) -> ClaimTest:
        """The test, with its parameters."""
        return build_test(self.test, self.parameters, f"claim {self.id}")

    @property
    def known(self) -> dict[str, str]:
        """The printed numbers that are known."""
        return {name: text for name, text in self.printed.items() if text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another model of the study, or another defensible way to do the same.

    Parameters
    ----------
    name : str
    change : mapping
        Fields of the `Spec` of ``of`` that differ; a field that is named here is replaced whole.
    why : str
    of : str
        The model that it changes: the study's own specification, or one of its ``models``.
    """

    name: str
    change: Mapping[str, Any]
    why: str
    of: str = BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A published study.

    Parameters
    ----------
    id : str
        The stem of its file.
    citation, question : str
    departures : tuple of str
        What could not be had, and what stands in for it.
    claims : tuple of Claim
    doi : str
        Empty where there is none, or none that we know.
    spec : Spec, optional
        The model nearest to the study's own; a study of counts alone has none.
    models : tuple of Variant
        Further models of the study itself, as changes of ``spec``: claims are about them.
    variants : tuple of Variant
        Other defensible ways to do the same; every claim about a model is decided on its variants too.
    groups : mapping of str to tuple of str
        Predictors that measure one thing: ``poverty``.
    pool : Pool, optional
        Controls for the extreme bounds of every model whose claims ask for them.
    span : Span, optional
        Years for every model whose claims ask for each year.
    supplied : Supplied, optional
        A file that the reader supplies, and the models on it.
    fewest : int
        A variant with fewer rows is not fitted: its tests, which rest on large samples, would say nothing.
    remarks : mapping of str to str
        Paragraphs for the reader, by topic.

    Raises
    ------
    DeclarationError
        If an id or a name comes twice, a claim's test or model is unknown, or a variant does not make a specification.
    """

    id: str
    citation: str
    question: str
    departures: tuple[str, ...]
    claims: tuple[Claim, ...]
    doi: str = ""
    spec: Spec | None = None
    models: tuple[Variant, ...] = ()
    variants: tuple[Variant, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pool: Pool | None = None
    span: Span | None = None
    supplied: Supplied | None = None
    fewest: int = 30
    remarks: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        models = [item.name for item in self.models] + [item.name for item in self.file_models]
        names = [BASE, *models, *(item.name for item in self.variants)]
        for kind, found in (("claims", [claim.id for claim in self.claims]), ("variants", names)):
            repeated = sorted({name for name in found if found.count(name) > 1})
            if repeated:
                raise DeclarationError(f"study {self.id}, {kind}", f'"{repeated[0]}" twice', expected="each name once")
        for place, claim in enumerate(self.claims):
            where = f"study {self.id}, claims[{place}]"
            build_test(claim.test, claim.parameters, where)
            _check_name(claim.model, [BASE, *models], f"{where}, model")
            self._check_needs(claim, where)
            for text in claim.known.values():
                meets(text, 0.0)
        self.specs()

    def _check_needs(self, claim: Claim, where: str) -> None:
        for need, key, held in (("bounds", "pool", self.pool), ("years", "span", self.span)):
            if claim.decider.needs == need and held is None:
                raise DeclarationError(where, f"{claim.test} without [{key}]", expected=f"a {key}", mend=f"Add [{key}]")

    @property
    def own(self) -> Variant:
        """The study's own specification as the variant that changes nothing."""
        return Variant(name=BASE, change={}, why="The model nearest to the study's own.")

    @property
    def file_models(self) -> tuple[FileModel, ...]:
        """The models on a file that the reader supplies."""
        return self.supplied.models if self.supplied else ()

    def about(self, model: str) -> tuple[Claim, ...]:
        """Return the claims about one of the study's models."""
        return tuple(claim for claim in self.claims if claim.model == model)

    def specs(self) -> dict[str, Spec]:
        """Return the specification of each model and variant by name, the study's own first as ``base``.

        It is empty for a study without a model of our figures.
        """
        if self.spec is None:
            if self.models or self.variants:
                raise DeclarationError(f"study {self.id}", "variants of nothing", expected="a spec", mend="Add [spec]")
            return {}
        found = {BASE: self.spec}
        for kind, items in (("models", self.models), ("variants", self.variants)):
            known = list(found)
            for place, item in enumerate(items):
                where = f"study {self.id}, {kind}[{place}]"
                _check_name(item.of, known, f"{where}, of")
                own = found[item.of].as_dict()
                found[item.name] = declared(Spec, {**own, **item.change}, f"{where}.change")
        return found


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


def _check_name(name: str, known: Sequence[str], where: str) -> None:
    if name not in known:
        raise DeclarationError(where, f'"{name}"', expected=f"one of {', '.join(known)}", mend=nearest(name, known))
