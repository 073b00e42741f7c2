"""Whether a likelihood has a maximum: a sound fit proves it, a suspect is examined and its columns are named."""

from __future__ import annotations

import numpy as np

from corrtip.errors import ConvergenceError, ModelError, SeparationError
from corrtip.models.design import Design
from corrtip.models.kernel import Maximum, Status
from corrtip.models.links import Link
from corrtip.models.problem import Problem

# A standardised information matrix with a condition number below this proves the maximum to working precision.
SOUND_CONDITION = 1e10


def check_maximum(problem: Problem, design: Design, link: Link, maximum: Maximum) -> None:
    """Raise unless the kernel ended at a maximum that can be trusted."""
    if maximum.status[0] == Status.CONVERGED and np.linalg.cond(maximum.at.information[0]) < SOUND_CONDITION:
        return
    columns = np.concatenate([np.ones((design.n_rows, 1)), design.nominal, design.location], axis=1)
    names = ("(thresholds)", *problem.nominal_names, *problem.location_names)
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise ModelError("x", f"columns {', '.join(names[1:])} are linearly dependent", expected="independent columns")
    if maximum.status[0] == Status.CONVERGED:
        raise ConvergenceError("fit", "the information matrix is singular to working precision")
    raise SeparationError("fit", f"no maximum was found ({Status(maximum.status[0]).name})")
