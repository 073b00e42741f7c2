import numpy as np
import pytest
from scipy import integrate

from corrtip.errors import ModelError
from corrtip.models.links import LINKS, get_link
from corrtip.models.superiority import ordinal_superiority

SHIFTS = np.array([-3.0, -0.5, -0.03, -0.01, 0.0, 1e-6, 0.019, 0.021, 0.7, 4.0])


@pytest.mark.parametrize("name", LINKS)
def test_it_is_the_convolution_of_two_errors(name):
    link = get_link(name)

    def first_is_higher(shift):
        whole = integrate.quad(
            lambda p: link.cdf(link.ppf(np.array(p)) + shift).item(), 0.0, 1.0, epsabs=1e-12, epsrel=1e-12, limit=500
        )
        return whole[0]

    # The integral is good to 1e-9 where the integrand is steep at the ends.
    expected = [first_is_higher(shift) for shift in SHIFTS]
    assert ordinal_superiority(name, SHIFTS) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("name", LINKS)
def test_the_two_directions_add_up_to_one_and_ends_are_ends(name):
    assert ordinal_superiority(name, SHIFTS) + ordinal_superiority(name, -SHIFTS) == pytest.approx(1.0, abs=1e-15)
    # The Cauchy's tails are long: it is 1e-8 short of one there.
    assert ordinal_superiority(name, [-1e8, 1e8]) == pytest.approx([0.0, 1.0], abs=1e-8)


def test_an_unknown_link_is_refused():
    with pytest.raises(ModelError, match="logistic"):
        ordinal_superiority("logistic", 1.0)
