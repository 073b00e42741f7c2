"""Reference data of the model tests, and a likelihood written down plainly to hold the kernel against."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

from corrtip.models.model import clm
from corrtip.models.problem import Problem

REFERENCE = Path(__file__).parents[1] / "reference"

# Complex arguments give derivatives to the last bit (Squire and Trapp 1998); none of these is safe in the tails.
PLAIN_CDF = {
    "logit": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "probit": special.ndtr,
    "cloglog": lambda x: 1.0 - np.exp(-np.exp(x)),
    "loglog": lambda x: np.exp(-np.exp(-x)),
    "cauchit": lambda x: 0.5 + np.arctan(x) / np.pi,
}


@pytest.fixture(scope="session")
def reference():
    """Return the figures of a reference file by its stem."""

    def read(stem):
        return json.loads((REFERENCE / f"{stem}.json").read_text())

    return read


@pytest.fixture(scope="session")
def wine():
    """The wine data, ratings in order."""
    data = pd.read_csv(REFERENCE / "wine.csv", dtype={"rating": str, "judge": str})
    return data.assign(rating=pd.Categorical(data["rating"], ordered=True))


@pytest.fixture(scope="session")
def sim400():
    """Four hundred simulated rows."""
    return pd.read_csv(REFERENCE / "sim400.csv")


@pytest.fixture(scope="session")
def cheese():
    """The cheese-tasting counts."""
    return pd.read_csv(REFERENCE / "cheese.csv")


@pytest.fixture(scope="session")
def fit_wine(wine):
    """Return the fit that a key of the wine reference files names."""

    def fit(key, **options):
        link = key.rsplit("_", 1)[-1]
        formula = "rating ~ temp + contact"
        if "scale_tempcontact" in key:
            options["scale"] = "~ temp + contact"
        elif "scale" in key:
            options["scale"] = "~ temp"
        if "nominal_contact" in key:
            options["nominal"] = "~ contact"
        if "interaction" in key:
            formula = "rating ~ temp * contact"
        if "judge" in key:
            formula += " + judge"
        if "collinear" in key:
            formula += " + x1 + x2"
        if "weights" in key:
            options["weights"] = "w"
        if "offset" in key:
            options["offset"] = "off"
        return clm(formula, wine, link=link if link in PLAIN_CDF else "logit", groups="judge", **options)

    return fit


@pytest.fixture(scope="session")
def plain_log_likelihood():
    """Return the log-likelihood of a problem at parameters in the user's units, straight from the definition."""

    def log_likelihood(problem, link, params):
        k, q = len(problem.levels) - 1, problem.nominal.shape[1]
        theta, gamma = params[:k], params[k : k * (1 + q)].reshape(q, k)
        beta, zeta = np.split(params[k * (1 + q) :], [problem.location.shape[1]])
        offset = 0.0 if problem.offset is None else problem.offset
        heights = theta + problem.nominal @ gamma - (problem.location @ beta + offset)[:, None]
        below = PLAIN_CDF[link](heights / np.exp(problem.scale @ zeta)[:, None])
        cumulative = np.concatenate([0.0 * below[:, :1], below, 1.0 + 0.0 * below[:, :1]], axis=1)
        rows = np.arange(len(problem.codes))
        chance = cumulative[rows, problem.codes + 1] - cumulative[rows, problem.codes]
        return problem.weights @ np.log(chance)

    return log_likelihood


@pytest.fixture(scope="session")
def random_problem():
    """Return a problem of random rows with every part: levels, location, nominal and scale columns, weights, offset."""

    def make(seed=0, rows=80, levels=4, location=2, nominal=1, scale=1):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(rows, location)) * 10.0 ** np.arange(location) + 5.0
        w, z = rng.integers(0, 2, (rows, nominal)).astype(float), rng.normal(2.0, 0.5, (rows, scale))
        codes = np.concatenate([np.arange(levels), rng.integers(0, levels, rows - levels)])
        return Problem(
            codes=codes,
            levels=tuple(f"level {code}" for code in range(levels)),
            location=x,
            nominal=w,
            scale=z,
            location_names=tuple(f"x{column}" for column in range(location)),
            nominal_names=tuple(f"w{column}" for column in range(nominal)),
            scale_names=tuple(f"z{column}" for column in range(scale)),
            weights=rng.uniform(0.5, 2.0, rows),
            offset=rng.normal(0.0, 0.1, rows),
        )

    return make
