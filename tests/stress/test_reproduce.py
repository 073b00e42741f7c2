"""Small builds stand in for whole ones: what is compared, and that a difference or a missing Python is said."""

import sys

import pytest

from stress import reproduce

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_numbers_are_the_same_to_ten_digits_and_the_first_that_is_not_is_named():
    before = {"a": [1.0, 2.0], "b": {"text": "1.0", "missing": None}}
    assert reproduce.compare_numbers(before, before).stood
    assert reproduce.compare_numbers(before, {**before, "a": [1.0, 2.0 + 1e-11]}).stood
    found = reproduce.compare_numbers(before, {**before, "a": [1.0, 2.0 + 1e-8]})
    assert (found.tried, found.silently_wrong) == (4, 1)
    assert found.notes == ("1 differ, the first /a/1: 2.0 and 2.00000001",)


@pytest.mark.parametrize("after", [{"n": 2}, {"n": 1.0}, {"n": None}, {}, {"n": 1, "m": 1}])
def test_anything_but_a_decimal_number_must_be_equal(after):
    assert not reproduce.compare_numbers({"n": 1}, after).stood


def test_files_are_the_same_byte_for_byte():
    assert reproduce.compare_bytes({"a": b"1"}, {"a": b"1"}).stood
    found = reproduce.compare_bytes({"a": b"1", "b": b"2"}, {"a": b"1", "c": b"2"})
    assert (found.tried, found.silently_wrong) == (3, 2)
    assert found.notes == ("2 differ, the first b",)


def test_a_python_is_taken_only_if_it_starts_and_is_of_that_version(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for version in reproduce.PYTHONS:
        monkeypatch.delenv(f"PYTHON{version.replace('.', '')}", raising=False)
    assert reproduce.find_python(HERE) is None
    other = next(version for version in reproduce.PYTHONS if version != HERE)
    monkeypatch.setenv(f"PYTHON{other.replace('.', '')}", sys.executable)
    assert reproduce.find_python(other) is None
    (tmp_path / f"python{HERE}").symlink_to(sys.executable)
    assert reproduce.find_python(HERE) == str(tmp_path / f"python{HERE}")


def test_a_python_that_is_not_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "find_python", lambda version: None)
    found = reproduce.against({}, "3.12", tmp_path, [])
    assert not found.stood
    assert found.notes == ("not tried: neither PYTHON312 nor python3.12 names one",)


def test_a_build_that_fails_is_lost_with_what_it_said(tmp_path):
    fails = [sys.executable, "-c", "raise SystemExit('no figures')"]
    found = reproduce.attempt(lambda: reproduce.ran(fails, tmp_path, {}))
    assert found.lost == 1
    assert "no figures" in found.notes[0]


def test_the_surroundings_reach_the_command(tmp_path):
    ask = "import os; print(os.environ['TZ'], end=''); open('made', 'w').close()"
    place = reproduce.PLACES[1]
    assert reproduce.ran([sys.executable, "-c", ask], tmp_path, place.surroundings, place.umask) == "Asia/Kathmandu"
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600


def test_a_copy_has_the_inputs_and_nothing_that_was_made(tmp_path):
    made = reproduce.copy(tmp_path / "copy")
    assert {"Makefile", "data", "notebooks", "report", "requirements.lock", "src"} <= {
        path.name for path in made.iterdir()
    }
    assert not [path for path in made.rglob("*") if path.name in {".git", ".venv", "build", "__pycache__"}]
