"""Covariance of the estimates: observed information, and sandwiches for unequal variances and for clusters."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt

from corrtip.errors import ModelError
from corrtip.models.design import Design
from corrtip.models.kernel import cut_points
from corrtip.models.links import Link
from corrtip.models.newton import Maximum
from corrtip.models.problem import Problem

FloatArray = npt.NDArray[np.float64]
CovType = Literal["nonrobust", "HC0", "HC1", "CR0", "cluster", "stata"]

COV_TYPES: tuple[CovType, ...] = ("nonrobust", "HC0", "HC1", "CR0", "cluster", "stata")
# Cluster sandwiches rest on many clusters; with fewer their standard errors are too small (Cameron and Miller 2015).
FEW_CLUSTERS = 30


def covariance(
    problem: Problem, design: Design, link: Link, params: FloatArray, information: FloatArray, cov_type: CovType
) -> FloatArray:
    """Return the covariance matrix of the standardised parameters.

    Parameters
    ----------
    problem : Problem
        Gives the weights, their type and the clusters.
    design : Design
    link : Link
    params : ndarray, shape (parameters,)
        Standardised maximum-likelihood estimates.
    information : ndarray, shape (parameters, parameters)
        Observed information there.
    cov_type : {"nonrobust", "HC0", "HC1", "CR0", "cluster", "stata"}
        Inverse of the observed information; White's sandwich without factor, or with ``n / (n - k)``; the cluster
        sandwich without factor, with ``G / (G - 1) * (n - 1) / (n - k)``, or with the ``G / (G - 1)`` that Stata's
        ologit and logit use. ``k`` counts all parameters, thresholds among them.

    Raises
    ------
    ModelError
        If the type is unknown, clusters are missing, or sampling weights meet ``nonrobust``.

    Notes
    -----
    With a wrong link or wrong proportionality a sandwich protects the standard error, not the estimand.
    """
    bread = np.linalg.inv(information)
    bread = (bread + bread.T) / 2.0
    if cov_type == "nonrobust":
        if problem.weight_type == "sampling":
            raise ModelError(
                "cov_type",
                '"nonrobust" with sampling weights',
                expected='"HC0", "HC1" or a cluster covariance',
                mend="The information matrix would count a weight of ten as ten observations",
            )
        return bread
    if cov_type not in COV_TYPES:
        raise ModelError("cov_type", f'"{cov_type}"', expected=f"one of {', '.join(COV_TYPES)}")
    n, k = float(problem.nobs), design.layout.size
    if cov_type in ("HC0", "HC1"):
        meat = _meat_by_row(problem, design, link, params)
        factor = n / (n - k) if cov_type == "HC1" else 1.0
    else:
        meat, n_groups = _meat_by_cluster(problem, design, link, params)
        few = n_groups / (n_groups - 1.0)
        factor = {"CR0": 1.0, "cluster": few * (n - 1.0) / (n - k), "stata": few}[cov_type]
    return factor * bread @ meat @ bread


def inverse_columns(found: Maximum, place: int) -> FloatArray:
    """Return the column of one parameter in the inverse information of each model of a batch.

    Its own entry, ``[:, place]``, is the parameter's model-based variance.

    Parameters
    ----------
    found : Maximum
        Models whose information is positive definite.
    place : int
        Which standardised parameter.

    Returns
    -------
    ndarray, shape (models, parameters)
    """
    unit = np.zeros((*found.params.shape, 1))
    unit[:, place] = 1.0
    return np.asarray(np.linalg.solve(found.at.information, unit)[:, :, 0], dtype=float)


def white_variances(
    design: Design,
    link: Link,
    found: Maximum,
    weights: FloatArray,
    inverse: FloatArray,
    varying: FloatArray | None = None,
) -> FloatArray:
    """Return White's variance (HC0) of one standardised parameter in each model of a batch.

    Parameters
    ----------
    design : Design
        Without scale terms and offset.
    link : Link
    found : Maximum
    weights : ndarray, shape (models, rows)
        Frequencies, in the sorted order of the design: a row of weight two counts as two rows.
    inverse : ndarray, shape (models, parameters)
        As from `inverse_columns`: which parameter.
    varying : ndarray, shape (models, varying columns, rows), optional
        As for `kernel.evaluate`.

    Raises
    ------
    ModelError
        If the design has scale terms or an offset.

    Notes
    -----
    With ``v`` the parameter's column of the inverse information, its variance is the sum over rows of
    ``w_i (s_i' v)^2``. Scores ``s_i`` are linear in the row's cuts, so that ``s_i' v`` costs one product with the
    design: no matrix of scores is made. HC1 is HC0 times ``n / (n - k)``.
    """
    if design.layout.n_scale or design.offset is not None:
        raise ModelError("design", "scale terms or an offset", expected="thresholds, nominal and location terms")
    meat = np.zeros(len(inverse))
    for block in design.blocks():
        inside = None if varying is None else varying[:, :, block.rows]
        cuts, _ = cut_points(design, block, found.params, inside)
        along, _ = cut_points(design, block, inverse, inside)
        scores = block.by_row(link.interval(cuts, log_p=False).gradient * along.values)
        meat += np.vecdot(weights[:, block.rows], scores**2)
    return meat


def score_blocks(design: Design, link: Link, params: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the scores of the rows with weight one, block by block in the sorted order of the design.

    Parameters
    ----------
    design : Design
    link : Link
    params : ndarray, shape (parameters,)
        Standardised parameters.

    Yields
    ------
    rows : slice
    scores : ndarray, shape (rows, parameters)
    """
    layout = design.layout
    for block in design.blocks():
        cuts, inverse = cut_points(design, block, params[None])
        gradient = link.interval(cuts).gradient[0]
        by_cut = np.empty((len(gradient), layout.size))
        steep = gradient if inverse is None else gradient * inverse[0]
        np.multiply(block.cuts, steep[:, None], out=by_cut[:, : layout.n_linear])
        if block.scale is not None:
            by_cut[:, layout.scale] = -(gradient * cuts.values[0])[:, None] * block.scale
        scores = np.zeros((block.rows.stop - block.rows.start, layout.size))
        scores[: block.n_upper] += by_cut[: block.n_upper]
        scores[block.n_first :] += by_cut[block.n_upper :]
        yield block.rows, scores


def _meat_by_row(problem: Problem, design: Design, link: Link, params: FloatArray) -> FloatArray:
    meat = np.zeros((design.layout.size, design.layout.size))
    weights = problem.weights[design.order]
    # A frequency weight stands for that many rows with this score; a sampling weight multiplies the score itself.
    squared = weights if problem.weight_type == "frequency" else weights**2
    for rows, scores in score_blocks(design, link, params):
        meat += (scores * squared[rows, None]).T @ scores
    return meat


def _meat_by_cluster(problem: Problem, design: Design, link: Link, params: FloatArray) -> tuple[FloatArray, int]:
    if problem.groups is None:
        raise ModelError("groups", "none given", expected="the cluster of each row", mend="Pass groups=")
    groups, weights = problem.groups[design.order], problem.weights[design.order]
    n_groups = len(np.unique(groups[weights > 0.0]))
    if n_groups < 2:
        raise ModelError("groups", f"{n_groups} cluster", expected="two or more clusters")
    if n_groups < FEW_CLUSTERS:
        warnings.warn(
            f"groups: {n_groups} clusters; below {FEW_CLUSTERS} cluster-robust standard errors are too small. "
            "Prefer a cluster bootstrap.",
            stacklevel=2,
        )
    sums = np.zeros((int(groups.max()) + 1, design.layout.size))
    for rows, scores in score_blocks(design, link, params):
        np.add.at(sums, groups[rows], scores * weights[rows, None])
    return sums.T @ sums, n_groups
