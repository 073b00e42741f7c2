"""Changes one operator of data/ or models/ at a time, and asks whether a test notices: `python -m stress.mutation`.

The places and the changes are cosmic-ray's. All of them would take days, so a sample is drawn with a seed, and the
share that the tests notice comes with its interval. What can mean nothing is left out beforehand: annotations, which
nothing reads, and blocks for the type checker. Texts are never changed, so that wording is no mutant.

Each mutant meets first the tests and the examples of its own module, then, if it lives, the tests of its room and what
holds for the records of all rooms.
The file is changed where it stands and put back: run this in a clone of its own.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import random
import resource
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from scipy.stats import binomtest

ROOMS: Final = ("data", "models")
SECONDS: Final = 300
"""Processor time after which a mutant counts as noticed: a loop without end is noticed by whoever waits for it."""
NO_TESTS: Final = 5
"""What pytest ends with where a module has neither tests nor examples of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change: the ``occurrence``-th place in ``module`` where ``operator`` applies."""

    module: str
    operator: str
    occurrence: int
    line: int


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module that could mean something."""
    source = path.read_text(encoding="utf-8")
    tree = get_ast(source)
    nodes = list(ast_nodes(tree))
    idle = _idle(source)
    for name in operator_names():
        operator = get_operator(name)
        # Operators that need arguments replace names of our choice; the one without effect changes nothing.
        if operator.arguments() or name.endswith("/NoOp"):
            continue
        places = (start for node in nodes for start, _ in operator().mutation_positions(node))
        for occurrence, (line, column) in enumerate(places):
            if not any(start <= (line, column) < end for start, end in idle):
                yield Mutant(module=str(path), operator=name, occurrence=occurrence, line=line)


def _idle(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where annotations and blocks for the type checker stand."""
    found: list[ast.AST | None] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                found.append(annotation)
            case ast.FunctionDef(returns=returns):
                found.append(returns)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                found.append(node)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0))
        for node in found
        if isinstance(node, ast.expr | ast.If)
    ]


def draw(root: Path, size: int, seed: int) -> list[Mutant]:
    """Return ``size`` mutants, drawn from all of them alike, without the same change twice."""
    everything = [
        mutant
        for room in ROOMS
        for path in sorted((root / "src/corrtip" / room).rglob("*.py"))
        for mutant in mutants(path.relative_to(root))
    ]
    sys.stderr.write(f"{len(everything):,} mutants, of which {size:,} are drawn (seed {seed})\n")
    return random.Random(seed).sample(everything, size)


@contextmanager
def changed(mutant: Mutant) -> Iterator[str]:
    """Put the mutant in the place of its module, and give the lines that differ."""
    path = Path(mutant.module)
    source = path.read_text(encoding="utf-8")
    stamp = path.stat()
    made = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    lines = difflib.unified_diff(source.splitlines(), made.splitlines(), lineterm="", n=0)
    try:
        path.write_text(made, encoding="utf-8")
        yield "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
    finally:
        path.write_text(source, encoding="utf-8")
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def steps(module: str) -> list[list[str]]:
    """Return the tests that a mutant of ``module`` meets, the nearest first."""
    inside = Path(module).relative_to("src/corrtip")
    mirror = Path("tests") / inside.parent / f"test_{inside.name}"
    own = [str(mirror), module] if mirror.exists() else [module]
    return [own, [f"tests/{inside.parts[0]}", "tests/test_records.py"]]


def noticed(mutant: Mutant) -> str:
    """Return ``own`` or ``room`` for the tests that failed, ``time`` for a run that had to be ended, else ``no``.

    Raises
    ------
    SystemExit
        If the tests fail without any change: they would notice everything.
    """
    for name, tests in zip(("own", "room"), steps(mutant.module), strict=True):
        with changed(mutant):
            outcome = _outcome(tests)
        if outcome != 0 and not _pass_unchanged(tuple(tests)):
            raise SystemExit(f"{' '.join(tests)}: fails without any change")
        match outcome:
            case None:
                return "time"
            case code if code != 0:
                return name
    return "no"


@cache
def _pass_unchanged(tests: tuple[str, ...]) -> bool:
    return _outcome(tests) == 0


def _outcome(tests: Sequence[str]) -> int | None:
    """Return how pytest ended in a process of its own, 0 also where it found no test; None if it did not end."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        import pytest

        # Python's own exit would wait for threads that a mutant may have left.
        os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return None
    return 0 if code == NO_TESTS else code


def summary(seen: list[dict[str, str]]) -> str:
    """Return a line for each room: how many were noticed, with Clopper and Pearson's 95 % interval."""
    lines = []
    for room in ROOMS:
        here = [line for line in seen if f"/{room}/" in line["module"]]
        if not here:
            continue
        count = Counter(line["noticed"] for line in here)
        killed = len(here) - count["no"]
        low, high = binomtest(killed, len(here)).proportion_ci()
        lines.append(
            f"{room}: {killed} of {len(here)} noticed ({killed / len(here):.1%}, {low:.1%} to {high:.1%}); "
            f"{count['own']} by the module's own tests, {count['room']} by its room's, {count['time']} by time"
        )
    return "\n".join(lines)


def main() -> int:
    """Run the sample, a JSON line for each mutant into ``--to`` as it ends; a second run goes on from there."""
    parser = argparse.ArgumentParser(prog="python -m stress.mutation", description=__doc__)
    parser.add_argument("--size", type=int, default=500, help="mutants to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path, default=Path("build/mutants.jsonl"), help="where results are kept")
    asked = parser.parse_args()
    sys.dont_write_bytecode = True
    # What every test imports is there before the fork; corrtip is not, nor the plugins whose asserts pytest rewrites.
    import pandas  # noqa: F401
    import pytest  # noqa: F401
    import statsmodels.api  # noqa: F401

    asked.to.parent.mkdir(parents=True, exist_ok=True)
    asked.to.touch()
    seen = [json.loads(line) for line in asked.to.read_text(encoding="utf-8").splitlines()]
    with asked.to.open("a", encoding="utf-8") as kept:
        for mutant in draw(Path(), asked.size, asked.seed)[len(seen) :]:
            with changed(mutant) as difference:
                pass
            line = {
                "module": mutant.module,
                "line": str(mutant.line),
                "operator": mutant.operator,
                "change": difference,
                "noticed": noticed(mutant),
            }
            seen.append(line)
            kept.write(json.dumps(line) + "\n")
            kept.flush()
            sys.stderr.write(f"{len(seen)}/{asked.size} {line['noticed']:4} {mutant.module}:{mutant.line}\n")
    sys.stdout.write(summary(seen) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
