import json

import pytest


def test_the_record_is_json_and_holds_verdicts_fits_and_attrition_of_every_variant(somebodys_replication):
    record = json.loads(json.dumps(somebodys_replication.as_dict(), allow_nan=False))
    assert [claim["id"] for claim in record["claims"]] == ["A", "B", "C", "D"]
    assert record["claims"][1]["by_variant"]["few"] == "not_attempted"
    assert record["claims"][1]["rule"].startswith("All predictors in one model.")
    base, separated, few, nobody = record["variants"]
    joint = somebodys_replication.base.fits.joint
    assert base["joint"]["llf"] == joint.llf
    assert [row["term"] for row in base["joint"]["thresholds"]] == ["1|2", "2|2WL", "2WL|3"]
    assert base["joint"]["coefficients"][0]["std_error"] == joint.bse["cpi_pre2012"]
    assert set(base["alone"]) == {"cpi_pre2012", "infant_mortality"}
    assert sum(base["dominance"]["indicator"]["general"].values()) == pytest.approx(base["joint"]["mcfadden_r2"])
    assert (
        base["universe"] - sum(line["rows"] for line in base["attrition"]) == base["n"] == sum(base["levels"].values())
    )
    assert "PRK" in next(line["iso3"] for line in base["attrition"] if line["step"] == "cpi_pre2012")
    assert separated["joint"] is None
    assert separated["missing"]["joint"]
    assert few["quartiles"]
    assert nobody["attrition"] == []
