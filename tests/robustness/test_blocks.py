import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from corrtip.errors import RunError

# Light to import, for the processes that compute import this file.
from corrtip.models.design import prepare
from corrtip.models.links import get_link
from corrtip.models.newton import maximise
from corrtip.robustness.blocks import Run, remove_kept, run_blocks

IDENTITY = "0123456789ab"
PATIENCE = 30.0


def squares(block):
    return np.arange(3) * block, np.array([float(block) ** 2])


def waits_for(path):
    until = time.monotonic() + PATIENCE
    while path is not None and not path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    return (np.zeros(1),)


def names_itself(folder):
    (folder / str(os.getpid())).touch()
    time.sleep(PATIENCE)
    return (np.zeros(1),)


def lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # One that nobody waited for, as in a container whose first process waits for none, is dead all the same.
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def comes_true(condition):
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def whose(_):
    return (np.array([os.getpid()]),)


def dies_of_seven(block):
    if block == 7:
        os._exit(1)
    return squares(block)


def slowly(block):
    time.sleep(0.3)
    return refitted(block)


def refitted(block):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(60, 2))
    design = prepare(np.digitize(x[:, 0] + rng.logistic(size=60), [-1.0, 1.0]), x, n_levels=3)
    weights = np.random.default_rng(block).multinomial(60, np.full(60, 1.0 / 60.0), size=20).astype(float)
    found = maximise(design, get_link("logit"), weights)
    return found.params, found.at.llf, found.status


def run(work, blocks=range(5), **options):
    return list(run_blocks(work, list(blocks), Run(**options), identity=IDENTITY))


def same(one, two):
    for left, right in zip(one, two, strict=True):
        for a, b in zip(left, right, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_blocks(jobs):
    same(run(squares, jobs=jobs), [squares(block) for block in range(5)])


def test_progress_counts_models():
    seen = []
    options = Run(progress=lambda done, total: seen.append((done, total)))
    list(run_blocks(squares, [1, 2, 3], options, identity=IDENTITY, sizes=[10, 20, 5]))
    assert seen == [(0, 35), (10, 35), (30, 35), (35, 35)]


def test_finished_blocks_are_kept_and_not_computed_again(tmp_path):
    options = Run(keep=tmp_path)
    begun = run_blocks(squares, range(5), options, identity=IDENTITY)
    next(begun), next(begun)
    begun.close()  # an interruption
    assert len(list((tmp_path / IDENTITY).iterdir())) == 2

    def never(block):
        assert block >= 2, "computed although it was kept"
        return squares(block)

    seen = []
    again = Run(keep=tmp_path, progress=lambda done, _: seen.append(done))
    same(list(run_blocks(never, range(5), again, identity=IDENTITY)), [squares(block) for block in range(5)])
    assert seen[0] == 2
    assert list(tmp_path.iterdir()) == []  # nothing is left of finished work


def test_what_stays_is_found_by_the_same_work_until_it_is_removed(tmp_path):
    kept = Run(keep=tmp_path)
    list(run_blocks(squares, range(5), kept, identity=IDENTITY, stays=True))

    def never(block):
        raise AssertionError("computed although it was kept")

    same(list(run_blocks(never, range(5), kept, identity=IDENTITY, stays=True)), map(squares, range(5)))
    remove_kept(kept, IDENTITY)
    assert list(tmp_path.iterdir()) == []
    remove_kept(Run(), IDENTITY)  # nowhere to remove from


def test_a_cut_block_is_computed_again_and_other_work_is_never_taken_for_this(tmp_path):
    begun = run_blocks(squares, range(5), Run(keep=tmp_path), identity=IDENTITY)
    for _ in range(4):
        next(begun)
    begun.close()
    (cut,) = (tmp_path / IDENTITY).glob("block-00003-*.npz")
    cut.write_bytes(cut.read_bytes()[:100])
    (altered,) = (tmp_path / IDENTITY).glob("block-00002-*.npz")
    np.savez(altered, np.zeros(3), np.zeros(1))  # readable, but not what was computed
    (tmp_path / IDENTITY / ".block-00004.npz.tmp").touch()  # what a killed process leaves of a file
    (tmp_path / IDENTITY / f"block-00001-{16 * '0'}.npz").mkdir()  # cannot be read, for root neither
    (tmp_path / IDENTITY / "block-of-mine.npz").touch()
    other = list(run_blocks(squares, [7], Run(keep=tmp_path), identity="other"))
    same(other, [squares(7)])
    same(run(squares, keep=tmp_path), [squares(block) for block in range(5)])
    assert list(tmp_path.iterdir()) == []


def test_a_block_under_the_name_of_another_is_computed_again(tmp_path):
    for identity in (IDENTITY, "other"):
        begun = run_blocks(
            squares, range(5, 10) if identity == "other" else range(5), Run(keep=tmp_path), identity=identity
        )
        for _ in range(3):
            next(begun)
        begun.close()
    first, second, _ = sorted((tmp_path / IDENTITY).iterdir())
    third = next((tmp_path / "other").glob("block-00002-*"))
    first.rename(second.with_name(first.name.replace("00000", "00001")))
    third.rename(tmp_path / IDENTITY / third.name)
    same(run(squares, keep=tmp_path), [squares(block) for block in range(5)])


def test_the_same_work_twice_at_once_is_done_twice_and_leaves_nothing(tmp_path):
    slower = run_blocks(squares, range(5), Run(keep=tmp_path), identity=IDENTITY)
    found = [next(slower), next(slower)]
    resumed = run_blocks(squares, range(5), Run(keep=tmp_path), identity=IDENTITY)
    also = [next(resumed)]
    # The other one is done first, and takes away what both kept: what is kept no more is computed.
    same([*found, *slower], [squares(block) for block in range(5)])
    same([*also, *resumed], [squares(block) for block in range(5)])
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_loses_its_folder_while_it_is_written_is_not_kept(tmp_path, monkeypatch):
    def taken_away(*_):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "replace", taken_away)
    same(run(squares, keep=tmp_path), [squares(block) for block in range(5)])


def test_what_nobody_took_up_for_a_month_is_removed_and_nothing_else(tmp_path):
    month, day = 31 * 24 * 60 * 60, 24 * 60 * 60
    abandoned, recent, private = (letter * 40 for letter in "abc")
    for folder, age in ((abandoned, month), (recent, day), ("notes", month), (private, month)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "block-00000-0.npz").touch()
        if folder == private:
            (tmp_path / folder / "letter.txt").touch()  # a name like ours, and content that is not
        os.utime(tmp_path / folder, (time.time() - age,) * 2)
    run(squares, keep=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [recent, private, "notes"]


def test_blocks_are_kept_as_they_finish_and_not_in_their_turn(tmp_path):
    first, keep = tmp_path / "first", tmp_path / "keep"
    begun = run_blocks(waits_for, [first, *[None] * 6], Run(jobs=2, keep=keep), identity=IDENTITY)
    others = threading.Thread(target=next, args=(begun,))
    others.start()
    until = time.monotonic() + PATIENCE
    while len(list(keep.rglob("block-*.npz"))) < 6 and time.monotonic() < until:
        time.sleep(0.02)
    names = sorted(path.name[:11] for path in keep.rglob("block-*.npz"))
    first.touch()
    others.join()
    begun.close()
    assert names == [f"block-{place:05d}" for place in range(1, 7)]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="Name a folder that can be written"):
        run(squares, keep=tmp_path / "file")


def test_a_process_that_is_killed_ends_the_run_and_the_next_one_goes_on(tmp_path):
    with pytest.raises(RunError, match="killed, or out of memory"):
        run(dies_of_seven, [1, 7, 3], jobs=2, keep=tmp_path)
    same(run(squares, [1, 7, 3], jobs=2, keep=tmp_path), [squares(block) for block in (1, 7, 3)])


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path):
    # Among others, so that they import what `names_itself` is from.
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import test_blocks as t; from pathlib import Path\n"
        "list(t.run_blocks(t.names_itself, [Path(sys.argv[2])] * 4, t.Run(jobs=2), identity='a'))\n"
    )
    here = str(Path(__file__).parent)
    # Two paths to the module, one for this process and one for its own.
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen([sys.executable, "-c", program, here, str(tmp_path)], env=surroundings) as parent:
        assert comes_true(lambda: len(list(tmp_path.iterdir())) == 2)
        parent.kill()
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert comes_true(lambda: not any(lives(worker) for worker in workers))


def test_what_fails_in_a_block_is_passed_on_and_the_others_stay(tmp_path):
    def fails(block):
        if block == 2:
            raise ValueError("block 2")
        return squares(block)

    with pytest.raises(ValueError, match="block 2"):
        run(fails, keep=tmp_path)
    assert len(list((tmp_path / IDENTITY).iterdir())) == 2


def test_impossible_runs_are_refused():
    with pytest.raises(RunError, match="one process or more"):
        Run(jobs=0)
    with pytest.raises(RunError, match="no answer from"):
        run(squares, scheduler="nowhere")


def test_without_the_extra_a_scheduler_is_refused_by_its_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match=r"corrtip\[dask\]"):
        run(squares, scheduler="tcp://127.0.0.1:1")


@pytest.fixture
def cluster(tmp_path):
    """Start Dask clusters of one thread a worker on this machine; nothing of them stays."""
    distributed = pytest.importorskip("distributed", reason="the extra corrtip[dask] is not installed")
    # A nanny sets the threads of BLAS in the environment of this process, and leaves it so.
    with ExitStack() as stack, patch.dict(os.environ):

        def start(workers):
            options = {"host": "127.0.0.1", "dashboard_address": None, "local_directory": tmp_path}
            return stack.enter_context(distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **options))

        yield start


def test_a_cluster_gives_the_same_bits_though_a_worker_is_killed_midway(cluster):
    blocks = range(10)
    alone = run(refitted, blocks)
    two = cluster(2)
    victim = next(iter(two.workers.values())).pid
    answers = run_blocks(slowly, list(blocks), Run(scheduler=two.scheduler_address), identity=IDENTITY)
    found = [next(answers)]
    os.kill(victim, signal.SIGKILL)
    found.extend(answers)
    same(found, alone)


def test_a_cluster_of_one_thread_computes_there_and_not_here(cluster):
    ((process,),) = run(whose, [0], scheduler=cluster(1).scheduler_address)
    assert process != os.getpid()


def test_a_block_that_ends_every_worker_is_named_and_not_waited_for(cluster):
    dask = pytest.importorskip("dask", reason="the extra corrtip[dask] is not installed")
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        pytest.raises(RunError, match="ended under one block"),
    ):
        run(dies_of_seven, [7], scheduler=cluster(1).scheduler_address)


def test_a_cluster_without_workers_is_refused(cluster, monkeypatch):
    monkeypatch.setattr("corrtip.robustness.blocks._SECONDS_TO_CONNECT", 3)
    with pytest.raises(RunError, match="no workers at"):
        run(squares, scheduler=cluster(0).scheduler_address)
