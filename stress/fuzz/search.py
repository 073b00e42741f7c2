"""Lets coverage guide the damage: `python -m stress.fuzz.search NAME FOLDER CORPUS [options of libFuzzer]`."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import atheris

from stress.fuzz import targets
from stress.fuzz.guided import LOST, WRONG
from stress.fuzz.target import judge


def main(arguments: list[str]) -> None:
    """Fuzz one target in this process, every line of the package watched; the first find ends it."""
    name, folder = arguments.pop(1), Path(arguments.pop(1))
    # The readers are imported as their targets are made.
    with atheris.instrument_imports(include=["corrtip", "tomllib"]):
        (target,) = (target for target in targets(folder) if target.name == name)
    warnings.simplefilter("ignore")

    def one(data: bytes) -> None:
        outcome, why = judge(target, data)
        if outcome != "survived":
            sys.stderr.write(f"FOUND {outcome}, {why!r}: {data[:500]!r}\n")
            sys.stderr.flush()
            os._exit(LOST if outcome == "lost" else WRONG)

    atheris.Setup(arguments, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
