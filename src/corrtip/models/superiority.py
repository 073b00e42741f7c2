"""One number for how far two distributions of an ordered outcome lie apart: which of two draws is the better one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from corrtip.models.links import get_link

FloatArray = npt.NDArray[np.float64]

# Below this the closed form of the logit loses digits to cancellation that its series keeps.
_SMALL_SHIFT = 0.02


def ordinal_superiority(link: str, shift: npt.ArrayLike) -> FloatArray:
    """Return the probability that a latent outcome exceeds an independent one whose distribution lies ``shift`` lower.

    Parameters
    ----------
    link : str
    shift : array
        Difference of the two linear predictors.

    Returns
    -------
    ndarray
        1/2 where the shift is 0; above it where the shift is positive.

    Raises
    ------
    ModelError
        If there is no such link.

    Notes
    -----
    The measure of Agresti and Kateri (2017, Biometrics 73, 214-219), on the latent scale of a cumulative link model:
    ``P(Y1* > Y2*) = D(shift)`` with D the distribution of the difference of two independent errors. It is exact here
    for every link, where Agresti and Kateri approximate the logit's by ``exp(s / sqrt 2) / (1 + exp(s / sqrt 2))``:

    - probit: normal of variance 2;
    - cloglog, loglog: logistic, for two extreme-value errors;
    - cauchit: Cauchy of scale 2;
    - logit: ``1/2 + (sinh s - s) / (2 (cosh s - 1))``, the convolution of two logistic distributions.

    Examples
    --------
    >>> ordinal_superiority("logit", [0.0, 1.0, -1.0]).round(4).tolist()
    [0.5, 0.6613, 0.3387]
    """
    by = np.asarray(shift, dtype=float)
    name = get_link(link).name
    if name == "probit":
        return np.asarray(special.ndtr(by / np.sqrt(2.0)))
    if name in ("cloglog", "loglog"):
        return np.asarray(special.expit(by))
    if name == "cauchit":
        return np.asarray(np.arctan2(1.0, -by / 2.0) / np.pi)
    return _two_logistics(by)


def _two_logistics(shift: FloatArray) -> FloatArray:
    size = np.abs(shift)
    left = np.exp(-np.maximum(size, _SMALL_SHIFT))
    above = (1.0 - (1.0 + np.maximum(size, _SMALL_SHIFT)) * left) / (1.0 - left) ** 2
    above = np.where(size < _SMALL_SHIFT, 0.5 + size / 6.0 - size**3 / 180.0, above)
    return np.asarray(np.where(shift < 0.0, 1.0 - above, above))
