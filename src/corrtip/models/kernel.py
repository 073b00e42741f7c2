"""The one engine of the ordinal models: log-likelihood, score and information of a whole batch of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corrtip.models.design import Block, Design, pairs
from corrtip.models.links import Cuts, Link

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Models are evaluated so many at a time that an array of their cut points takes this many bytes, or so few that fewer
# would not be worth the calls: time then grows with rows in proportion, and memory hardly at all.
_CACHED = 2_000_000
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Log-likelihood with its derivatives at one point of each model, in standardised parameters.

    Parameters
    ----------
    llf : ndarray, shape (models,)
    score : ndarray, shape (models, parameters)
    information : ndarray, shape (models, parameters, parameters)
        The negative Hessian (observed information).
    """

    llf: FloatArray
    score: FloatArray
    information: FloatArray

    def take(self, index: IntArray) -> Evaluation:
        """Return the models at ``index``."""
        return Evaluation(self.llf[index], self.score[index], self.information[index])

    def put(self, index: IntArray, other: Evaluation) -> None:
        """Overwrite the models at ``index``."""
        self.llf[index], self.score[index], self.information[index] = other.llf, other.score, other.information


def evaluate(
    design: Design,
    link: Link,
    params: FloatArray,
    weights: FloatArray,
    varying: FloatArray | None = None,
    *,
    log_likelihood: bool = True,
) -> Evaluation:
    """Return log-likelihood, score and observed information of each model.

    Parameters
    ----------
    design : Design
        Shared by all models of the batch.
    link : Link
    params : ndarray, shape (models, parameters)
        Standardised parameters.
    weights : ndarray, shape (models, rows)
        Case weights, in the sorted order of the design (``weights[:, design.order]``).
    varying : ndarray, shape (models, varying columns, rows), optional
        Location columns that differ between models, in the sorted order of the design, of about unit spread.
    log_likelihood : bool
        False leaves the log-likelihood out, nan: its logarithms are a fifth of the work.

    Notes
    -----
    A row contributes ``w log(F(a) - F(b))`` with cuts ``a, b = (C psi - offset) / exp(z' zeta)``. With
    ``e = (C / sigma, -cut z)`` the gradient of a cut, the Hessian is the sum over cuts of ``w (l_cc + l_ab) e e'``,
    less over inner rows ``w l_ab (e_a - e_b) (e_a - e_b)'``, plus over cuts ``w l_c`` times the cut's own Hessian. The
    difference ``e_a - e_b`` knows no location column: of such columns each cut is seen by itself.
    """
    size = design.layout.size
    llf = np.full(len(params), 0.0 if log_likelihood else np.nan)
    score, information = np.zeros_like(params), np.zeros((len(params), size, size), dtype=params.dtype)
    result = Evaluation(llf, score, information)
    # A disordered candidate has a log-likelihood of -inf and meaningless derivatives; the caller steps back.
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for block in design.blocks():
            few = max(_FEWEST, _CACHED // (params.itemsize * len(block.cuts)))
            for models in (slice(first, first + few) for first in range(0, len(params), few)):
                inside = None if varying is None else varying[models, :, block.rows]
                part = Evaluation(result.llf[models], result.score[models], result.information[models])
                _subtract_hessian(design, block, link, params[models], weights[models, block.rows], inside, part)
    return result


def cut_points(
    design: Design, block: Block, params: FloatArray, varying: FloatArray | None = None
) -> tuple[Cuts, FloatArray | None]:
    """Return the cut points of a block for each model, and 1 / sigma by cut (None without scale terms)."""
    lay = design.layout
    values = params[:, : lay.n_linear] @ block.cuts.T
    if varying is not None:
        values -= block.by_cut(np.einsum("rv,rvi->ri", params[:, lay.varying], varying))
    if block.offset is not None:
        values -= block.offset
    inverse = None
    if block.scale is not None:
        inverse = np.exp(-(params[:, lay.scale] @ block.scale.T))
        values *= inverse
    gaps = None if block.gap_of_row is None else np.diff(params[:, : lay.n_thresholds], axis=1)
    return Cuts(values, block.n_upper, block.n_first, gaps, block.gap_of_row), inverse


@dataclass(frozen=True, slots=True)
class _Weighted:
    """Weighted derivatives of the log-likelihood as in `Interval`: by cut, by cut, by inner row."""

    gradient: FloatArray
    curvature: FloatArray
    cross: FloatArray


def _subtract_hessian(
    design: Design,
    block: Block,
    link: Link,
    params: FloatArray,
    weights: FloatArray,
    varying: FloatArray | None,
    result: Evaluation,
) -> None:
    """Add a block's log-likelihood and score to ``result`` and subtract its Hessian from the information."""
    lay = design.layout
    cuts, inverse = cut_points(design, block, params, varying)
    terms = link.interval(cuts, log_p=not np.isnan(result.llf).all())
    by_cut = block.by_cut(weights)
    at = _Weighted(
        by_cut * terms.gradient,
        by_cut * terms.curvature,
        weights[:, block.n_first : block.n_upper] * terms.cross,
    )
    if terms.log_p.size:
        result.llf[:] += np.vecdot(weights, terms.log_p)
    if inverse is not None and block.scale is not None:
        _scale_part(design, block, cuts, block.scale, inverse, at, varying, result)
        at = _Weighted(at.gradient * inverse, at.curvature * inverse**2, at.cross * inverse[:, block.inner_upper] ** 2)
    result.score[:, : lay.n_linear] += at.gradient @ block.cuts
    result.information[:, : lay.n_linear, : lay.n_linear] -= _products(block, at)
    if varying is not None:
        _varying_part(design, block, at, varying, result)


def _varying_part(design: Design, block: Block, at: _Weighted, varying: FloatArray, result: Evaluation) -> None:
    """Add what the models' own location columns contribute: a row's two cuts move together."""
    lay = design.layout
    models, count, rows = varying.shape
    # One product for all models, and one small product for each, over rows instead of cuts.
    moved = block.by_cut(varying) * at.curvature[:, None, :]
    mixed = (moved.reshape(models * count, -1) @ block.cuts).reshape(models, count, -1)
    beside = np.empty((models, count + 1, rows), dtype=varying.dtype)
    np.multiply(varying, block.by_row(at.curvature)[:, None, :], out=beside[:, :count])
    beside[:, count] = block.by_row(at.gradient)
    own = beside @ varying.transpose(0, 2, 1)
    result.score[:, lay.varying] -= own[:, count]
    result.information[:, lay.varying, lay.varying] -= own[:, :count]
    result.information[:, lay.varying, : lay.n_linear] += mixed
    result.information[:, : lay.n_linear, lay.varying] += mixed.transpose(0, 2, 1)


def _scale_part(
    design: Design,
    block: Block,
    cuts: Cuts,
    z: FloatArray,
    inverse: FloatArray,
    at: _Weighted,
    varying: FloatArray | None,
    result: Evaluation,
) -> None:
    lay, values = design.layout, cuts.values
    moved = at.curvature * values + at.gradient
    apart = at.cross * (values[:, block.inner_upper] - values[:, block.inner_lower])
    moved[:, block.inner_upper] -= apart
    moved[:, block.inner_lower] += apart
    result.score[:, lay.scale] -= (at.gradient * values) @ z
    mixed = np.einsum("rc,ci,cj->rij", moved * inverse, block.cuts, z, optimize=True)
    result.information[:, : lay.n_linear, lay.scale] += mixed
    result.information[:, lay.scale, : lay.n_linear] += mixed.transpose(0, 2, 1)
    result.information[:, lay.scale, lay.scale] -= np.einsum("rc,ci,cj->rij", moved * values, z, z, optimize=True)
    if varying is not None:
        mixed = (block.by_cut(varying) * (moved * inverse)[:, None, :]) @ z
        result.information[:, lay.varying, lay.scale] -= mixed
        result.information[:, lay.scale, lay.varying] -= mixed.transpose(0, 2, 1)


def _products(block: Block, at: _Weighted) -> FloatArray:
    """Return the second derivative by the linear parameters, shape (models, linear, linear)."""
    size = block.cuts.shape[1]
    across = at.cross if block.gap_starts is None else np.add.reduceat(at.cross, block.gap_starts, axis=1)
    result = np.empty((len(across), size, size), dtype=across.dtype)
    if block.products is not None and block.gap_products is not None:
        left, right = pairs(size)
        packed = at.curvature @ block.products - across @ block.gap_products
        result[:, left, right] = packed
        result[:, right, left] = packed
        return result
    for model in range(len(across)):
        result[model] = (block.cuts * at.curvature[model][:, None]).T @ block.cuts
        result[model] -= (block.gaps * across[model][:, None]).T @ block.gaps
    return result
