"""Every defensible model of one question: a base specification and choices, each option with its reason, in TOML."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corrtip.declare import declared, read_toml
from corrtip.errors import CorrtipError, DeclarationError, nearest
from corrtip.spec import Spec

ANY = "any"
"""The option of a choice that makes no difference to a specification."""

# Fields of `Spec` of which a specification takes only the settings of variables that it uses.
_SETTINGS = ("lag", "vintages", "transforms", "merge")
_JOINED = (*_SETTINGS, "sample")
# What the table of a curve calls its own columns.
_TAKEN = ("id", "n", "thin", "estimate", "std_error", "z", "p_value", "effect", "superiority", "outcome", "reason")
_FOLDER = Path(__file__).resolve().parent / "grids"

# The places of choices, and of each the options that may not come together.
_Barred = tuple[tuple[int, tuple[str, ...]], ...]

# All fields of a `Spec`, each of which may be left out: what an option changes.
_Change: Any = dataclasses.make_dataclass(
    "_Change",
    [(name, hint | None, field(default=None)) for name, hint in typing.get_type_hints(Spec).items()],
    frozen=True,
    kw_only=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to make a choice.

    Parameters
    ----------
    name, why : str
        As tables print it, and what speaks for it.
    change : mapping
        Fields of `Spec`: mappings (``vintages``, ``merge``, ``transforms``, ``lag``, ``sample``) are joined to those of
        the base and of the other choices key by key, ``controls`` follow them, any other field is replaced.
    """

    name: str
    why: str
    change: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A decision that every specification takes in one of several ways.

    Parameters
    ----------
    name : str
    options : tuple of Option
    """

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Combinations of options that make no sense together.

    Parameters
    ----------
    options : mapping of str to tuple of str
        A combination is left out if it takes, of each choice that is named here, one of these options.
    why : str
    """

    options: Mapping[str, tuple[str, ...]]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One model of a grid.

    Parameters
    ----------
    spec : Spec
    options : mapping of str to str
        The option taken of each choice; "any" where the options make no difference to this model.
    """

    spec: Spec
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The specifications of one question.

    Parameters
    ----------
    id : str
        The stem of its file.
    question : str
    spec : Spec
        What all specifications share, before the choices.
    choices : tuple of Choice
    excluded : tuple of Exclusion
    fewest : int
        A specification with fewer rows is not fitted, and says so in its place.

    Raises
    ------
    DeclarationError
        If a name comes twice, an exclusion names what does not exist, or an option changes what `Spec` does not have.
    """

    id: str
    question: str
    spec: Spec
    choices: tuple[Choice, ...]
    excluded: tuple[Exclusion, ...] = ()
    fewest: int = 60

    def __post_init__(self) -> None:
        self._check_names()
        for place, exclusion in enumerate(self.excluded):
            self._check_exclusion(exclusion, f"{self.where}, excluded[{place}].options")
        self._changes()

    @property
    def where(self) -> str:
        """The file, as errors name it."""
        return f"grids/{self.id}.toml"

    def specifications(self) -> tuple[Specification, ...]:
        """Return every specification once, in the order of the choices.

        Raises
        ------
        DeclarationError
            If some combination of options does not make a `Spec`; names the options.
        """
        names = [choice.name for choice in self.choices]
        found: dict[Any, tuple[dict[str, Any], list[str]]] = {}
        for taken, fields in _combinations(self._changes(), self._barred(), (), _fields(self.spec)):
            kept = _used(fields)
            _, options = found.setdefault(_key(kept), (kept, list(taken)))
            for place, name in enumerate(taken):
                if options[place] != name:
                    options[place] = ANY
        return tuple(
            Specification(spec=self._spec(fields, taken), options=taken)
            for fields, taken in (
                (fields, dict(zip(names, options, strict=True))) for fields, options in found.values()
            )
        )

    def restricted(self, options: Mapping[str, Sequence[str]]) -> Grid:
        """Return the grid with these options of these choices alone, the other choices as they are.

        Parameters
        ----------
        options : mapping of str to sequence of str
            The options that are kept of each choice that is named.

        Raises
        ------
        DeclarationError
            If a choice or an option does not exist.

        Examples
        --------
        >>> grid = load_grid("zhang_pineda")
        >>> len(grid.restricted({"link": ["logit"]}).specifications()) < len(grid.specifications())
        True
        """
        self._check_exclusion(
            Exclusion(options={choice: tuple(names) for choice, names in options.items()}, why=""),
            f"{self.where}, restricted",
        )
        choices = tuple(
            replace(
                choice,
                options=tuple(item for item in choice.options if item.name in options.get(choice.name, [item.name])),
            )
            for choice in self.choices
        )
        left = {choice.name: {item.name for item in choice.options} for choice in choices}
        excluded = []
        for exclusion in self.excluded:
            named = {
                name: tuple(item for item in held if item in left[name]) for name, held in exclusion.options.items()
            }
            if all(named.values()):
                excluded.append(replace(exclusion, options=named))
        return replace(self, choices=choices, excluded=tuple(excluded))

    def _changes(self) -> tuple[dict[str, Any], ...]:
        """Return, for each choice, what each of its options changes, by name and checked."""
        return tuple(
            {
                option.name: declared(
                    _Change, option.change, f"{self.where}, choices[{number}].options[{place}].change"
                )
                for place, option in enumerate(choice.options)
            }
            for number, choice in enumerate(self.choices)
        )

    def _barred(self) -> tuple[tuple[_Barred, ...], ...]:
        """Return, for each choice, the exclusions that it decides, being the last of theirs: places and options."""
        names = [choice.name for choice in self.choices]
        barred: list[list[_Barred]] = [[] for _ in names]
        for exclusion in self.excluded:
            places = tuple((names.index(choice), options) for choice, options in exclusion.options.items())
            barred[max(place for place, _ in places)].append(places)
        return tuple(tuple(found) for found in barred)

    def _spec(self, fields: Mapping[str, Any], options: Mapping[str, str]) -> Spec:
        try:
            return Spec(**fields)
        except CorrtipError as error:
            chosen = ", ".join(f'{name} "{option}"' for name, option in options.items())
            raise DeclarationError(f"{self.where}, {chosen}", str(error)) from error

    def _check_names(self) -> None:
        choices = tuple(choice.name for choice in self.choices)
        for kind, names in (
            ("choices", choices),
            *((f"choices.{choice.name}", tuple(item.name for item in choice.options)) for choice in self.choices),
        ):
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated or not names:
                seen = f'"{repeated[0]}" twice' if repeated else "none"
                raise DeclarationError(f"{self.where}, {kind}", seen, expected="some, each name once")
        taken = [name for name in choices if name in _TAKEN]
        if taken:
            raise DeclarationError(
                f"{self.where}, choices", f'"{taken[0]}"', expected="a name that no column of a curve's table has"
            )

    def _check_exclusion(self, exclusion: Exclusion, where: str) -> None:
        options = {choice.name: [item.name for item in choice.options] for choice in self.choices}
        if not exclusion.options:
            raise DeclarationError(where, "no choice", expected="one or more")
        for choice, names in exclusion.options.items():
            for name in names if choice in options else [choice]:
                known = options.get(choice, list(options))
                if name not in known:
                    raise DeclarationError(
                        where, f'"{name}"', expected=f"one of {', '.join(known)}", mend=nearest(name, known)
                    )


def load_grid(grid: str | Path) -> Grid:
    """Return a grid that ships with the package, by its id, or one from a file of your own.

    Parameters
    ----------
    grid : str or Path
        ``"zhang_pineda"``, or a path to a TOML file.

    Raises
    ------
    DeclarationError
        If there is no such grid, or the file does not declare one.

    Examples
    --------
    >>> [choice.name for choice in load_grid("zhang_pineda").choices][:3]
    ['focal', 'controls', 'region']
    """
    path = grid if isinstance(grid, Path) else _shipped(grid)
    where = f"grids/{path.name}"
    table = read_toml(path, where)
    if "id" in table:
        raise DeclarationError(where, 'key "id"', expected="no such key", mend="A grid's id is the stem of its file")
    return declared(Grid, {**table, "id": path.stem}, where)


def list_grids() -> tuple[Grid, ...]:
    """Return the grids that ship with the package, by id.

    Examples
    --------
    >>> "zhang_pineda" in [grid.id for grid in list_grids()]
    True
    """
    return tuple(load_grid(path) for path in sorted(_FOLDER.glob("*.toml")))


def _shipped(name: str) -> Path:
    known = {path.stem: path for path in sorted(_FOLDER.glob("*.toml"))}
    if name not in known:
        raise DeclarationError(
            f'grid "{name}"', "there is none", expected=f"one of {', '.join(known)}", mend=nearest(name, known)
        )
    return known[name]


def _combinations(
    changes: Sequence[Mapping[str, Any]],
    barred: Sequence[Sequence[_Barred]],
    taken: tuple[str, ...],
    fields: dict[str, Any],
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the options and fields of every combination that begins with ``taken``."""
    depth = len(taken)
    if depth == len(changes):
        yield taken, fields
        return
    for name, change in changes[depth].items():
        ahead = (*taken, name)
        if not any(all(ahead[place] in options for place, options in places) for places in barred[depth]):
            yield from _combinations(changes, barred, ahead, _changed(fields, change))


def _fields(spec: Spec) -> dict[str, Any]:
    return {item.name: getattr(spec, item.name) for item in dataclasses.fields(Spec)}


def _changed(fields: dict[str, Any], change: Any) -> dict[str, Any]:
    result = dict(fields)
    for name, before in fields.items():
        value = getattr(change, name)
        if value is not None and name in _JOINED:
            result[name] = {**before, **value}
        elif value is not None:
            result[name] = (*before, *value) if name == "controls" else value
    return result


def _used(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields without settings of variables that are not used, in one order."""
    used = {fields["outcome"], fields["focal"], *fields["controls"], *fields["sample"]}
    return {
        **fields,
        **{name: {key: value for key, value in sorted(fields[name].items()) if key in used} for name in _SETTINGS},
    }


def _key(fields: Mapping[str, Any]) -> Any:
    """Return a hashable stand-in for the fields: equal fields have equal keys."""

    def frozen(value: Any) -> Any:
        return tuple((key, frozen(item)) for key, item in value.items()) if isinstance(value, Mapping) else value

    return frozen(fields)
