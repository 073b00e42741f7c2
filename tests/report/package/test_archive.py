"""An archive is whole, the same for the same files, and holds nothing that may not be passed on."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import time
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from corrtip.errors import CorrtipError
from corrtip.report.package.archive import save_package

TOP = "corrtip-0.1.0"


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack an archive, and return its one folder."""
    with zipfile.ZipFile(archive) as held:
        assert held.testzip() is None
        held.extractall(folder)
    (top,) = folder.iterdir()
    return top


@pytest.fixture(scope="module")
def archive(original, tmp_path_factory):
    return save_package(tmp_path_factory.mktemp("archive") / "a.zip", root=original).path


def test_the_checksums_are_of_every_file(archive, tmp_path):
    top = unpacked(archive, tmp_path / "unpacked")
    sums = dict(reversed(line.split("  ", 1)) for line in (top / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(top).as_posix(): path for path in top.rglob("*") if path.is_file()}
    assert sums.keys() == files.keys() - {"SHA256SUMS"}
    assert [
        name for name, digest in sums.items() if hashlib.sha256(files[name].read_bytes()).hexdigest() != digest
    ] == []


def test_it_holds_the_project_the_build_and_nothing_else(archive):
    with zipfile.ZipFile(archive) as held:
        names = [PurePosixPath(name) for name in held.namelist()]
    assert {name.parts[0] for name in names} == {TOP}
    held_there = {name.relative_to(TOP).as_posix() for name in names}
    assert {"README.md", "README.pdf", "LICENSE.txt", "LICENSES-DATA.md", "SHA256SUMS"} <= held_there
    assert {
        "code/Makefile",
        "code/.ci/run",
        "code/data/raw/cpi/2005.csv",
        "code/src/corrtip/studies/evidence.py",
    } <= held_there
    assert {f"output/tables/table-01.{ending}" for ending in ("md", "tex")} <= held_there
    assert {f"output/figures/figure-01.{ending}" for ending in ("svg", "png")} <= held_there
    assert {"output/manifest.json", "output/report.html", "output/results/01_x/t.a.json"} <= held_there
    strange = ("..", "notes.txt", "processed", "__pycache__", ".report.md.swp", "build")
    assert not [name for name in names if name.is_absolute() or set(strange) & set(name.parts)]


def test_what_may_not_be_passed_on_is_left_out_and_named(small, tmp_path):
    done = save_package(tmp_path / "a.zip", root=small)
    top = unpacked(done.path, tmp_path / "unpacked")
    figures = (small / "data/raw/three_p/2013.csv").read_bytes()
    assert done.withheld == {"data/raw/three_p/2013.csv": "No licence stated: cite Cho (2015)"}
    assert not [path for path in top.rglob("*") if path.is_file() and path.read_bytes() == figures]
    assert not (top / "code/data/raw/three_p").exists()
    assert (top / "not-provided/data/raw/three_p/2013.toml").is_file()


def test_the_tables_and_figures_are_those_of_the_build(small, archive, tmp_path):
    output = unpacked(archive, tmp_path / "unpacked") / "output"
    assert "| a\\_b | -0.41 |" in (output / "tables/table-01.md").read_text()
    assert "\\begin{longtable}" in (output / "tables/table-01.tex").read_text()
    assert (output / "figures/figure-01.svg").read_bytes() == (small / "build/results/01_x/f.a.svg").read_bytes()
    listed = json.loads((output / "manifest.json").read_text())["outputs"]
    assert {name: hashlib.sha256((output / name).read_bytes()).hexdigest() for name in listed} == listed


def test_it_is_the_same_bytes_whatever_the_files_times_and_modes(small, archive, tmp_path, monkeypatch):
    for path in small.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(path.stat().st_mode & 0o711 | stat.S_IRUSR)
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        again = save_package(tmp_path / "b.zip", root=small).path
    finally:
        monkeypatch.undo()
        time.tzset()
    assert again.read_bytes() == archive.read_bytes()


def test_its_files_have_the_time_that_the_surroundings_name_and_programs_stay_programs(small, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    with zipfile.ZipFile(save_package(tmp_path / "a.zip", root=small).path) as held:
        entries = {entry.filename: entry for entry in held.infolist()}
    assert {entry.date_time for entry in entries.values()} == {(2026, 1, 1, 0, 0, 0)}
    modes = {name: entry.external_attr >> 16 for name, entry in entries.items()}
    assert modes.pop(f"{TOP}/code/.ci/run") == 0o100755
    assert set(modes.values()) == {0o100644}


@pytest.mark.parametrize("epoch", ["yesterday", "-1", "9999999999", ""])
def test_a_time_that_is_none_is_refused(original, tmp_path, monkeypatch, epoch):
    monkeypatch.setattr("corrtip.report.package.archive.pdf", lambda *given: b"%PDF-")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(CorrtipError, match="SOURCE_DATE_EPOCH"):
        save_package(tmp_path / "a.zip", root=original)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_archive_leaves_the_last_one(small, archive, tmp_path):
    last = shutil.copyfile(archive, tmp_path / archive.name)
    (small / "report/report.md").write_text("---\ntitle: Other\n---\n")
    with pytest.raises(CorrtipError, match=r"report/report\.md: it is newer than the build"):
        save_package(last, root=small)
    assert last.read_bytes() == archive.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [last.name]


def test_the_system_s_own_tool_accepts_the_checksums(archive, tmp_path):
    top = unpacked(archive, tmp_path / "unpacked")
    try:
        ran = subprocess.run(
            ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=top, capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("this system has no sha256sum")
    assert (ran.returncode, ran.stdout) == (0, b"")
