"""Look every locked package up among the known vulnerabilities, and fail where one has any or was not looked up.

    python tools/audit.py LOCK [LOCK ...]

pip-audit ends with 0 and "No known vulnerabilities found" also where it reached nobody and looked up nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name

_ENTRY = re.compile(r"^(?P<name>[\w.-]+)==[^\s;\\]+(?:\s*;\s*(?P<marker>[^\\\n]+))?", flags=re.MULTILINE)


def locked(lock: str) -> set[str]:
    """Return the names of a lock's packages that are for this system and Python.

    Examples
    --------
    >>> sorted(locked('numpy==2.4.6 \\\\\\n    --hash=sha256:0\\npywin32==1 ; sys_platform == "none" \\\\\\n'))
    ['numpy']
    """
    return {
        canonicalize_name(entry["name"])
        for entry in _ENTRY.finditer(lock)
        if entry["marker"] is None or Marker(entry["marker"].strip()).evaluate()
    }


def findings(expected: Iterable[str], answer: dict[str, Any]) -> list[str]:
    """Return a line for each package that has a vulnerability, was skipped, or is not in pip-audit's answer."""
    given = {canonicalize_name(item["name"]): item for item in answer["dependencies"]}
    lines = []
    for name in sorted(expected):
        item = given.get(name)
        if item is None or "skip_reason" in item:
            lines.append(f"{name}: not looked up ({item['skip_reason'] if item else 'not in the answer'})")
            continue
        for known in item["vulns"]:
            mended = ", ".join(known["fix_versions"]) or "none yet"
            lines.append(f"{name} {item['version']}: {known['id']}, mended in {mended}")
    return lines


def ask(lock: Path) -> dict[str, Any]:
    """Return pip-audit's answer about a lock; nothing is installed for it."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    # It ends with 1 where it found something, which the answer says too.
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (this interpreter)
    if not ran.stdout:
        raise SystemExit(f"{lock}: pip-audit gave no answer. {ran.stderr.strip()}")
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def main(locks: list[Path]) -> int:
    """Print what was found in each lock; 1 if anything was."""
    failed = 0
    for lock in locks:
        expected = locked(lock.read_text(encoding="utf-8"))
        found = findings(expected, ask(lock))
        print("\n".join([*found, f"{lock}: {len(expected)} packages, {len(found)} findings"]))
        if expected and len([line for line in found if "not looked up" in line]) == len(expected):
            print(f"{lock}: nothing was looked up. The audit needs a network that reaches the index it asks.")
        failed |= bool(found) or not expected
    return int(failed)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
