"""Arrays made ready for the kernel: rows sorted by level, columns standardised, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

D = TypeVar("D", "Design", "Block")

# Rows of one block: the block's temporaries (a dozen arrays of two cuts a row) then stay within a few MB.
BLOCK_ROWS = 8192
# Designs below this many products of columns keep them: a Newton step is then one matrix product.
_KEPT_PRODUCTS = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The order of the parameters: thresholds, nominal terms by threshold, location, varying location, scale.

    Parameters
    ----------
    n_levels : int
        Number of outcome levels K; there are K - 1 thresholds.
    n_nominal, n_location, n_varying, n_scale : int
        Number of columns of each kind; a nominal column has K - 1 coefficients, and a varying location column has
        other values in each model of a batch.
    n_thresholds : int
        K - 1.
    nominal, location, varying, scale : slice
        Where the coefficients of each kind stand; a nominal column's stand together, by threshold.
    """

    n_levels: int
    n_nominal: int = 0
    n_location: int = 0
    n_varying: int = 0
    n_scale: int = 0

    n_thresholds: int = field(init=False)
    nominal: slice = field(init=False)
    location: slice = field(init=False)
    varying: slice = field(init=False)
    scale: slice = field(init=False)

    def __post_init__(self) -> None:
        k = self.n_levels - 1
        linear = k * (1 + self.n_nominal)
        put = object.__setattr__  # derived once: every iteration of the kernel reads them
        put(self, "n_thresholds", k)
        put(self, "nominal", slice(k, linear))
        put(self, "location", slice(linear, linear + self.n_location))
        shared = linear + self.n_location
        put(self, "varying", slice(shared, shared + self.n_varying))
        put(self, "scale", slice(self.varying.stop, self.varying.stop + self.n_scale))

    @property
    def n_linear(self) -> int:
        """Number of parameters whose columns all models of a batch share: thresholds, nominal, location."""
        return int(self.location.stop)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return int(self.scale.stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardisation:
    """Centres and spreads of the columns, and the map from standardised parameters to the user's units.

    With ``x_s = (x - m) / s`` and so on for the nominal and scale columns, the user's parameters are
    ``zeta = zeta_s / s_z``; every linear parameter is its standardised value, unstandardised and multiplied by
    ``exp(m_z' zeta)``. Varying columns come and go in the units in which the caller gives them.

    Parameters
    ----------
    layout : Layout
    nominal, location, scale : tuple of ndarray
        Mean and spread of each column of that kind.
    linear_map : ndarray
        The matrix that takes the standardised linear parameters to the user's units, before the scale's factor.
    """

    layout: Layout
    nominal: tuple[FloatArray, FloatArray]
    location: tuple[FloatArray, FloatArray]
    scale: tuple[FloatArray, FloatArray]
    linear_map: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "linear_map", self._linear_map())

    def _linear_map(self) -> FloatArray:
        lay = self.layout
        k = lay.n_thresholds
        matrix = np.eye(lay.varying.stop)
        for column, (mean, spread) in enumerate(zip(*self.nominal, strict=True)):
            rows = np.arange(lay.nominal.start + column * k, lay.nominal.start + (column + 1) * k)
            matrix[rows, rows] = 1.0 / spread
            matrix[np.arange(k), rows] = -mean / spread
        mean, spread = self.location
        rows = np.arange(lay.location.start, lay.location.stop)
        matrix[rows, rows] = 1.0 / spread
        matrix[:k, lay.location] = mean / spread
        return matrix

    def to_user(self, params: FloatArray) -> FloatArray:
        """Return parameters in the user's units; ``params`` has shape (models, parameters)."""
        lay = self.layout
        linear = params[:, : lay.varying.stop] @ self.linear_map.T
        if not lay.n_scale:
            return linear
        mean, spread = self.scale
        zeta = params[:, lay.scale] / spread
        return np.concatenate([linear * np.exp(zeta @ mean)[:, None], zeta], axis=1)

    def from_user(self, params: FloatArray) -> FloatArray:
        """Return standardised parameters from those in the user's units (the inverse of `to_user`)."""
        lay = self.layout
        mean, spread = self.scale
        zeta = params[:, lay.scale]
        linear = params[:, : lay.varying.stop] * np.exp(-(zeta @ mean))[:, None]
        linear = np.asarray(np.linalg.solve(self.linear_map, linear.T).T, dtype=float)
        return np.concatenate([linear, zeta * spread], axis=1)

    def jacobian(self, params: FloatArray) -> FloatArray:
        """Return the derivative of `to_user` at ``params``, shape (models, parameters, parameters)."""
        lay = self.layout
        jacobian = np.zeros((len(params), lay.size, lay.size))
        mean, spread = self.scale
        user = self.to_user(params)
        grown = np.exp(user[:, lay.scale] @ mean)
        jacobian[:, : lay.varying.stop, : lay.varying.stop] = self.linear_map * grown[:, None, None]
        if lay.n_scale:
            jacobian[:, : lay.varying.stop, lay.scale] = user[:, : lay.varying.stop, None] * (mean / spread)
            jacobian[:, lay.scale, lay.scale] = np.diag(1.0 / spread)
        return jacobian


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of sorted rows: one line of ``cuts`` for each finite cut point, upper cuts first.

    Parameters
    ----------
    rows : slice
        Which sorted rows.
    cuts : ndarray, shape (cut points, linear parameters)
        ``cuts @ psi`` are the cut points before offset and scale.
    n_upper, n_first : int
        Number of upper cuts, and of rows in the first level.
    gap_of_row : ndarray of int, or None
        The gap between thresholds that an inner row sees; None where gaps vary by row.
    scale : ndarray, shape (cut points, scale parameters), or None
    offset : ndarray, shape (cut points,), or None
    gaps : ndarray, shape (gaps, linear parameters)
        The upper less the lower line of ``cuts`` of an inner row: one for each level there where it is the same for all
        rows of the level, else one for each inner row.
    gap_starts : ndarray of int, or None
        The first inner row of each gap; None where each row has its own.
    products, gap_products : ndarray or None
        Products of pairs of columns of ``cuts`` and of ``gaps``.
    """

    rows: slice
    cuts: FloatArray
    n_upper: int
    n_first: int
    gap_of_row: IntArray | None
    scale: FloatArray | None
    offset: FloatArray | None
    gaps: FloatArray
    gap_starts: IntArray | None
    products: FloatArray | None = None
    gap_products: FloatArray | None = None

    @property
    def inner_upper(self) -> slice:
        """Lines of ``cuts`` with the upper cuts of inner rows."""
        return slice(self.n_first, self.n_upper)

    @property
    def inner_lower(self) -> slice:
        """Lines of ``cuts`` with the lower cuts of inner rows."""
        return slice(self.n_upper, 2 * self.n_upper - self.n_first)

    def by_row(self, cuts: FloatArray) -> FloatArray:
        """Return the sums over each row's cuts of values by cut point, along the last axis."""
        rows = np.empty((len(cuts), cuts.shape[1] - (self.n_upper - self.n_first)), dtype=cuts.dtype)
        rows[:, : self.n_upper] = cuts[:, : self.n_upper]
        rows[:, self.n_first : self.n_upper] += cuts[:, self.inner_lower]
        rows[:, self.n_upper :] = cuts[:, self.inner_lower.stop :]
        return rows

    def by_cut(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return values by row, along the last axis, laid out by cut point."""
        return np.concatenate([rows[..., : self.n_upper], rows[..., self.n_first :]], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Outcome and columns of a cumulative model, sorted by level and standardised.

    Build one with `prepare`.
    """

    layout: Layout
    order: IntArray
    codes: IntArray
    nominal: FloatArray
    location: FloatArray
    scale: FloatArray
    offset: FloatArray | None
    standardisation: Standardisation
    kept: tuple[Block, ...] | None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    def every(self, stride: int) -> Design:
        """Return the design of every so-many-th sorted row, hence of all levels alike, standardised as this one is."""
        return replace(
            self,
            order=self.order[::stride],
            codes=self.codes[::stride],
            nominal=self.nominal[::stride],
            location=self.location[::stride],
            scale=self.scale[::stride],
            offset=None if self.offset is None else self.offset[::stride],
            kept=None,
        )

    def single(self) -> Design:
        """Return the design in single precision, which is enough to come near a maximum."""
        return _single(replace(self, kept=self.kept and tuple(_single(block) for block in self.kept)))

    def blocks(self) -> Iterator[Block]:
        """Yield the design block by block, from memory where it is small."""
        if self.kept is not None:
            yield from self.kept
            return
        for start in range(0, self.n_rows, BLOCK_ROWS):
            yield _block(self, slice(start, min(start + BLOCK_ROWS, self.n_rows)), products=False)


def prepare(
    codes: IntArray,
    location: FloatArray,
    *,
    n_levels: int,
    nominal: FloatArray | None = None,
    scale: FloatArray | None = None,
    offset: FloatArray | None = None,
    n_varying: int = 0,
    centre: bool = True,
) -> Design:
    """Return the design of a cumulative model.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Outcome level of each row, 0 .. n_levels - 1.
    location, nominal, scale : ndarray, shape (rows, columns)
        Columns without intercept, finite.
    n_levels : int
    offset : ndarray, shape (rows,), optional
    n_varying : int
        Number of location columns that each model of a batch brings itself (to `kernel.maximise`, standardised).
    centre : bool
        False keeps the origin of the columns: each of the user's parameters, thresholds too, is then a standardised
        parameter times a number and can be held fixed by itself. Centred columns give the better-conditioned fit.
    """
    rows = len(codes)
    nothing = np.empty((rows, 0))
    nominal = nothing if nominal is None else nominal
    scale = nothing if scale is None else scale
    layout = Layout(
        n_levels=n_levels,
        n_nominal=nominal.shape[1],
        n_location=location.shape[1],
        n_varying=n_varying,
        n_scale=scale.shape[1],
    )
    order = np.argsort(codes, kind="stable")
    sorted_nominal, by_nominal = _standardised(nominal, order, centre)
    sorted_location, by_location = _standardised(location, order, centre)
    # An offset is in the user's units: moving the origin of the spread would move its coefficient away from one.
    sorted_scale, by_scale = _standardised(scale, order, centre and offset is None)
    design = Design(
        layout=layout,
        order=order,
        codes=codes[order],
        nominal=sorted_nominal,
        location=sorted_location,
        scale=sorted_scale,
        offset=None if offset is None else offset[order],
        standardisation=Standardisation(layout=layout, nominal=by_nominal, location=by_location, scale=by_scale),
        kept=None,
    )
    n_pairs = layout.n_linear * (layout.n_linear + 1) // 2
    if rows <= BLOCK_ROWS and 3 * rows * n_pairs <= _KEPT_PRODUCTS:
        object.__setattr__(design, "kept", (_block(design, slice(0, rows), products=True),))
    return design


def whole_block(design: Design) -> Block:
    """Return the design as one block of all rows."""
    return _block(design, slice(0, design.n_rows), products=False)


def _standardised(
    columns: FloatArray, order: IntArray, centre: bool
) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
    mean = columns.mean(axis=0)
    result = columns[order]
    result -= mean
    spread = np.sqrt(np.einsum("ij,ij->j", result, result) / len(columns))
    spread[spread == 0.0] = 1.0  # a constant column stays as it is; the information matrix will be singular
    if not centre:
        result, mean = columns[order], np.zeros_like(mean)
    result /= spread
    return result, (mean, spread)


def _block(design: Design, rows: slice, *, products: bool) -> Block:
    lay, k = design.layout, design.layout.n_thresholds
    codes = design.codes[rows]
    n_first = int(np.searchsorted(codes, 1))
    n_upper = int(np.searchsorted(codes, lay.n_levels - 1))
    row_of_cut = np.concatenate([np.arange(n_upper), np.arange(n_first, len(codes))])
    threshold = codes[row_of_cut]
    threshold[n_upper:] -= 1

    cuts = np.zeros((len(row_of_cut), lay.n_linear))
    line = np.arange(len(row_of_cut))
    cuts[line, threshold] = 1.0
    for column in range(lay.n_nominal):
        cuts[line, k * (1 + column) + threshold] = design.nominal[rows, column][row_of_cut]
    location = design.location[rows]
    np.negative(location[:n_upper], out=cuts[:n_upper, lay.location])
    np.negative(location[n_first:], out=cuts[n_upper:, lay.location])
    inner = codes[n_first:n_upper]
    gaps = cuts[n_first:n_upper] - cuts[n_upper : 2 * n_upper - n_first]
    gap_starts = None if lay.n_nominal or lay.n_scale else np.flatnonzero(np.diff(inner, prepend=0))
    block = Block(
        rows=rows,
        cuts=cuts,
        n_upper=n_upper,
        n_first=n_first,
        gap_of_row=None if gap_starts is None else inner - 1,
        scale=design.scale[rows][row_of_cut] if lay.n_scale else None,
        offset=design.offset[rows][row_of_cut] if design.offset is not None else None,
        gaps=gaps if gap_starts is None else gaps[gap_starts],
        gap_starts=gap_starts,
    )
    return replace(block, products=_products(block.cuts), gap_products=_products(block.gaps)) if products else block


@lru_cache(maxsize=64)
def pairs(size: int) -> tuple[IntArray, IntArray]:
    """Return the row and column numbers of the upper triangle of a matrix of that size."""
    return np.triu_indices(size)


def _single(record: D) -> D:
    held = {field.name: getattr(record, field.name) for field in fields(record) if field.init}
    doubles = {name: value for name, value in held.items() if getattr(value, "dtype", None) == np.float64}
    lowered: dict[str, Any] = {name: value.astype(np.float32) for name, value in doubles.items()}
    return replace(record, **lowered)


def _products(lines: FloatArray) -> FloatArray:
    left, right = pairs(lines.shape[1])
    return np.asarray(lines[:, left] * lines[:, right])
