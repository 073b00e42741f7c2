from decimal import Context, Decimal, localcontext
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrtip.errors import ModelError
from corrtip.models.links import LINKS, Cuts, get_link

# A log-probability is a difference of two logarithms: each is good to a few units in the last place.
LOG_PROBABILITY = 1e-12
# Its derivatives subtract once more, where a tail is flat.
DERIVATIVE = 1e-9
# exp(10) of these digits: enough for the normal distribution at -35, which a series of terms up to exp(600) must give.
EXACT = Context(prec=600, Emin=-(10**17), Emax=10**17)

PAIRS = [(1.0, -1.0), (0.1, -0.1), (0.5, 0.49), (-5.0, -5.5), (5.5, 5.0), (8.0, 7.9), (-20.0, -20.5), (20.5, 20.0)]
FAR_PAIRS = [(-35.0, -35.5), (35.5, 35.0), (30.0, -30.0), (3.0, -35.0), (35.0, -3.0)]


@cache
def exact_pi():
    return 16 * exact_arctan(Decimal(1) / 5) - 4 * exact_arctan(Decimal(1) / 239)


def exact_arctan(x):
    if abs(x) > Decimal("0.25"):
        return 2 * exact_arctan(x / (1 + (1 + x * x).sqrt()))
    term, total, n = x, x, 1
    while abs(term) > abs(total) * Decimal(10) ** -590:
        term *= -x * x
        n += 2
        total += term / n
    return total


def exact_normal(x):
    """Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...)."""
    term, total, n = x, x, 1
    while abs(term) > abs(total) * Decimal(10) ** -590:
        n += 2
        term *= x * x / n
        total += term
    return Decimal(1) / 2 + (-x * x / 2).exp() / (2 * exact_pi()).sqrt() * total


EXACT_CDF = {
    "logit": lambda x: 1 / (1 + (-x).exp()),
    "probit": exact_normal,
    "cloglog": lambda x: 1 - (-(x.exp())).exp(),
    "loglog": lambda x: (-((-x).exp())).exp(),
    "cauchit": lambda x: Decimal(1) / 2 + exact_arctan(x) / exact_pi(),
}
EXACT_LOG_PDF = {
    "logit": lambda x: -x - 2 * (1 + (-x).exp()).ln(),
    "probit": lambda x: -x * x / 2 - (2 * exact_pi()).ln() / 2,
    "cloglog": lambda x: x - x.exp(),
    "loglog": lambda x: -x - (-x).exp(),
    "cauchit": lambda x: -(exact_pi() * (1 + x * x)).ln(),
}


def exact_interval(name, upper, lower):
    """Log-probability of the interval, its derivatives by upper, by upper and both, by both cuts."""
    with localcontext(EXACT):
        a, b = Decimal(upper), Decimal(lower)
        chance = EXACT_CDF[name](a) - EXACT_CDF[name](b)
        if name == "cloglog" and b > 0:
            chance = (-(b.exp())).exp() - (-(a.exp())).exp()
        if name == "probit" and b > 0:
            chance = exact_normal(-b) - exact_normal(-a)
        by_upper = EXACT_LOG_PDF[name](a).exp() / chance
        by_lower = -EXACT_LOG_PDF[name](b).exp() / chance
        step = Decimal(10) ** -200
        slope = (EXACT_LOG_PDF[name](a + step) - EXACT_LOG_PDF[name](a)) / step
        across = -by_upper * by_lower
        return tuple(map(float, (chance.ln(), by_upper, by_upper * slope - by_upper**2 + across, across)))


def one_inner_row(link, upper, lower, *, gap_known):
    gaps = np.array([[upper - lower]]) if gap_known else None
    cuts = Cuts(np.array([[upper, lower]]), 1, 0, gaps, np.array([0]) if gap_known else None)
    found = link.interval(cuts)
    return found.log_p[0, 0], found.gradient[0, 0], found.curvature[0, 0], found.cross[0, 0]


@pytest.mark.parametrize("gap_known", [True, False])
@pytest.mark.parametrize(("upper", "lower"), PAIRS + FAR_PAIRS)
@pytest.mark.parametrize("name", LINKS)
def test_interval_against_600_digits(name, upper, lower, gap_known):
    exact = exact_interval(name, upper, lower)
    log_p, gradient, curvature, cross = one_inner_row(LINKS[name], upper, lower, gap_known=gap_known)
    # An error of the logarithm is an error of the probability relative to one.
    assert log_p == pytest.approx(exact[0], rel=LOG_PROBABILITY, abs=1e-15)
    assert LINKS[name].log_interval(np.array([upper]), np.array([lower]))[0] == pytest.approx(
        exact[0], rel=LOG_PROBABILITY, abs=1e-15
    )
    assert gradient == pytest.approx(exact[1], rel=DERIVATIVE, abs=1e-300)
    # A sum of two that nearly cancel in a narrow interval, but for the logit, which never forms it.
    noise = 1e-300 if name == "logit" else 1e-300 + 1e-15 * exact[1] ** 2 + DERIVATIVE * abs(exact[3])
    assert curvature == pytest.approx(exact[2], rel=DERIVATIVE, abs=noise)
    assert cross == pytest.approx(exact[3], rel=DERIVATIVE, abs=1e-300)


def test_a_row_of_the_first_or_last_level_has_one_cut():
    link = LINKS["probit"]
    found = link.interval(Cuts(np.array([[0.3, -0.7]]), 1, 1))
    assert found.log_p == pytest.approx(np.log([[link.cdf(0.3), 1.0 - link.cdf(-0.7)]]), rel=LOG_PROBABILITY)
    assert found.gradient == pytest.approx(
        np.array([[link.pdf(0.3) / link.cdf(0.3), -link.pdf(-0.7) / link.cdf(0.7)]]), rel=DERIVATIVE
    )
    assert found.cross.size == 0


@pytest.mark.parametrize("name", LINKS)
def test_derivatives_are_those_of_the_functions(name):
    link, x, h = LINKS[name], np.linspace(-4.0, 3.0, 29), 1e-5
    assert (link.cdf(x + h) - link.cdf(x - h)) / (2.0 * h) == pytest.approx(link.pdf(x), rel=1e-7, abs=1e-10)
    assert (link.log_pdf(x + h) - link.log_pdf(x - h)) / (2.0 * h) == pytest.approx(
        link.d_log_pdf(x), rel=1e-7, abs=1e-8
    )


@pytest.mark.parametrize("name", LINKS)
def test_quantiles_invert_the_distribution(name):
    p = np.array([1e-12, 1e-3, 0.2, 0.5, 0.8, 0.999])
    assert LINKS[name].cdf(LINKS[name].ppf(p)) == pytest.approx(p, rel=1e-12)


@pytest.mark.parametrize("name", LINKS)
def test_no_tail_breaks(name):
    link, x = LINKS[name], np.array([-1e3, -700.0, -38.0, 0.0, 38.0, 700.0, 1e3])
    for values in (link.log_cdf(x), link.log_sf(x), link.log_pdf(x), link.d_log_pdf(x)):
        assert np.isfinite(values).all()
    assert (np.diff(link.log_cdf(x)) >= 0.0).all()
    assert (np.diff(link.log_sf(x)) <= 0.0).all()


@pytest.mark.parametrize("name", LINKS)
def test_cuts_out_of_order_have_no_probability(name):
    assert not one_inner_row(LINKS[name], -1.0, 1.0, gap_known=False)[0] > -np.inf
    assert not one_inner_row(LINKS[name], 1.0, 1.0, gap_known=False)[0] > -np.inf


@given(st.floats(-300.0, 300.0))
def test_loglog_is_the_mirror_image_of_cloglog(x):
    loglog, cloglog, at, mirrored = LINKS["loglog"], LINKS["cloglog"], np.array([x]), np.array([-x])
    assert loglog.log_cdf(at) == cloglog.log_sf(mirrored)
    assert loglog.log_sf(at) == cloglog.log_cdf(mirrored)
    assert loglog.d_log_pdf(at) == -cloglog.d_log_pdf(mirrored)


@pytest.mark.parametrize("name", ["logit", "probit", "cauchit"])
@given(x=st.floats(-300.0, 300.0))
def test_the_other_links_are_symmetric(name, x):
    link = LINKS[name]
    assert link.log_cdf(np.array([x])) == link.log_sf(np.array([-x]))
    assert link.log_pdf(np.array([x])) == link.log_pdf(np.array([-x]))


def test_an_unknown_link_names_the_nearest():
    with pytest.raises(ModelError, match="'cloglog'"):
        get_link("clogog")


def test_all_links_but_cauchit_are_concave():
    assert [name for name, link in LINKS.items() if not link.concave] == ["cauchit"]
