import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_it_holds_what_the_package_needs_with_hashes_and_no_tool_of_development():
    command = [sys.executable, ROOT / "tools" / "locked_subset.py", "corrtip", ROOT / "requirements.lock"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    names = set(re.findall(r"^([a-z0-9-]+)==", ran.stdout, flags=re.MULTILINE))
    assert {"numpy", "pandas", "scipy", "statsmodels", "typer", "pypandoc-binary", "python-dateutil"} <= names
    assert not {"pytest", "ruff", "nbclient", "distributed", "corrtip"} & names
    assert ran.stdout.count("--hash=sha256:") >= len(names)
