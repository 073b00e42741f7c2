"""Print the part of a hash-pinned lock that the runtime dependencies of an installed package need.

    python tools/locked_subset.py PACKAGE LOCK

The lock holds the tools of development too; an environment made of this part proves that the wheel names all it needs.
"""

from __future__ import annotations

import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(package: str) -> set[str]:
    """Return the names of all packages that ``package`` needs on this interpreter, itself left out."""
    found: set[str] = set()
    waiting = [Requirement(package)]
    while waiting:
        owner = waiting.pop()
        for line in requires(owner.name) or ():
            item = Requirement(line)
            wanted = any(item.marker is None or item.marker.evaluate({"extra": extra}) for extra in ("", *owner.extras))
            if wanted and (name := canonicalize_name(item.name)) not in found:
                found.add(name)
                waiting.append(item)
    return found


def entries(lock: str) -> dict[str, str]:
    """Return the lock's entries, hashes included, by package."""
    blocks = lock.replace("\\\n", "\\\0").splitlines()
    return {canonicalize_name(block.split("==")[0]): block.replace("\0", "\n") for block in blocks if "==" in block}


if __name__ == "__main__":
    locked = entries(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print("\n".join(locked[name] for name in sorted(needed(sys.argv[1]))))
