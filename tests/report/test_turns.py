"""One process at a time holds a folder, and one that was killed holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from corrtip.errors import WriteError
from corrtip.report.turns import alone, is_abandoned

HOLDS = """
import sys, time
from pathlib import Path
from corrtip.report.turns import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_who_comes_second_waits_and_nothing_stays(tmp_path: Path) -> None:
    order: list[str] = []
    ready = threading.Event()

    def second() -> None:
        ready.set()
        with alone(tmp_path / "build"):
            order.append("second")

    waiting = [threading.Thread(target=second) for _ in range(4)]
    with alone(tmp_path / "build"):
        for thread in waiting:
            thread.start()
        ready.wait()
        assert not is_abandoned(tmp_path / "build")
        order.append("first")
    for thread in waiting:
        thread.join()
    assert order == ["first", *["second"] * 4]
    assert list((tmp_path / "build").iterdir()) == []
    assert is_abandoned(tmp_path / "build")


def test_what_a_killed_process_held_is_free(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert not is_abandoned(tmp_path)
        os.kill(holder.pid, signal.SIGKILL)
    assert is_abandoned(tmp_path)
    with alone(tmp_path):
        assert not is_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "build").touch()
    with pytest.raises(WriteError, match="build: cannot be written"), alone(tmp_path / "build"):
        pytest.fail("it was held")
