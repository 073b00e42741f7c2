import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", LOCK, flags=re.MULTILINE))


def test_the_lock_names_no_address():
    assert "://" not in LOCK
    assert not re.search(r"^\s*-(?!-hash=)", LOCK, flags=re.MULTILINE)


def test_every_entry_has_a_hash():
    for entry in LOCK.replace("\\\n", "").splitlines():
        assert "--hash=sha256:" in entry, entry


def test_what_the_project_declares_is_locked_at_a_version_that_it_allows():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = declared["project"]["optional-dependencies"]
    wanted = [
        *declared["project"]["dependencies"],
        *(line for extra in ("build", "parquet", "dask", "editions", "dev") for line in extras[extra]),
        *declared["dependency-groups"]["setup"],
        *declared["build-system"]["requires"],
    ]
    for line in wanted:
        requirement = Requirement(line)
        assert requirement.specifier.contains(PINNED[canonicalize_name(requirement.name)]), line
