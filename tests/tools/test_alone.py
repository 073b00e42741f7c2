import subprocess
import sys
import time
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "alone.py"


def asked(folder, command):
    words = [sys.executable, str(TOOL), "made", "input", "other", command]
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True)


def lay_out(folder):
    for name in ("input", "other"):
        (folder / name).touch()


def test_two_at_once_make_it_once(tmp_path):
    lay_out(tmp_path)
    command = "echo making; sleep 0.5; touch made"
    first, second = asked(tmp_path, command), asked(tmp_path, command)
    said = sorted((first.communicate()[0], second.communicate()[0]))
    assert said == ["", "making\n"]
    assert first.returncode == second.returncode == 0


def test_what_is_stale_is_made_again_and_a_failure_is_passed_on(tmp_path):
    lay_out(tmp_path)
    (tmp_path / "made").touch()
    assert asked(tmp_path, "exit 3").communicate()[0] == ""
    time.sleep(0.02)  # time stamps of some file systems are coarse
    (tmp_path / "other").touch()
    failed = asked(tmp_path, "echo making; false; touch made")
    assert failed.communicate()[0] == "making\n"
    assert failed.returncode == 1
