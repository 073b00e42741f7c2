import os
import signal
import sys
import time

import numpy as np
import pytest

from corrtip.errors import RunError
from corrtip.models.model import fit_arrays
from corrtip.robustness.blocks import Run, run_blocks
from corrtip.robustness.resampling import draw_weights, refit_draws

IDENTITY = "0123456789ab"


def squares(block):
    return np.arange(3) * block, np.array([float(block) ** 2])


def slowly(block):
    time.sleep(0.3)
    return refitted(block)


def refitted(block):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(60, 2))
    fit = fit_arrays(np.digitize(x[:, 0] + rng.logistic(size=60), [-1.0, 1.0]), x, levels="abc", names="xz")
    return refit_draws(fit, draw_weights(np.arange(60), block, 20))


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


def test_a_cut_block_is_computed_again_and_other_work_is_never_taken_for_this(tmp_path):
    begun = run_blocks(squares, range(5), Run(keep=tmp_path), identity=IDENTITY)
    for _ in range(4):
        next(begun)
    begun.close()
    (whole,) = (tmp_path / IDENTITY).glob("*00003.npz")
    whole.write_bytes(whole.read_bytes()[:100])
    other = list(run_blocks(squares, [7], Run(keep=tmp_path), identity="other"))
    same(other, [squares(7)])
    same(run(squares, keep=tmp_path), [squares(block) for block in range(5)])


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


# distributed warns of ports, of slow event loops and of the worker that the test kills; nothing of it is ours.
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_bits_though_a_worker_is_killed_midway(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra corrtip[dask] is not installed")
    blocks = range(10)
    alone = run(refitted, blocks)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, local_directory=tmp_path
    ) as cluster:
        victim = next(iter(cluster.workers.values())).pid
        answers = run_blocks(slowly, list(blocks), Run(scheduler=cluster.scheduler_address), identity=IDENTITY)
        found = [next(answers)]
        os.kill(victim, signal.SIGKILL)
        found.extend(answers)
    same(found, alone)
