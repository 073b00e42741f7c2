import pandas as pd
import pytest

from corrtip.report.choice_tables import intervals_of_choices, sentence_best, sentence_choices, table_choices


@pytest.fixture
def effects():
    columns = ["choice", "level", "estimate", "p_value", "conf_low", "conf_high", "llf", "aic", "refusal"]
    rows = [
        ("Logit", "1", 0.06, 0.001, 0.04, 0.08, -100.0, 210.0, ""),
        ("Logit", "3", -0.06, 0.001, -0.08, -0.04, -100.0, 210.0, ""),
        ("Probit", "1", 0.02, 0.2, -0.01, 0.05, -98.0, 206.0, ""),
        ("Probit", "3", -0.02, 0.2, -0.05, 0.01, -98.0, 206.0, ""),
        ("Free", None, None, None, None, None, None, None, "probabilities cross"),
    ]
    return pd.DataFrame(rows, columns=columns)


def test_the_table_has_a_row_for_each_choice_and_the_reason_of_a_refusal(effects):
    table = table_choices(effects, "1", caption="Effects")
    assert [row[0] for row in table.rows] == ["Logit", "Probit", "Free"]
    assert table.rows[0][1:3] == ("6.0", "4.0 to 8.0")
    assert set(table.rows[2][1:]) == {"–"}
    assert "Free: probabilities cross." in table.note


def test_adjusted_p_values_stand_beside_their_own(effects):
    table = table_choices(effects.assign(p_holm=effects["p_value"] * 2, p_bh=0.3), "1", caption="Effects")
    assert table.columns[3:6] == ("p", "p (Holm)", "p (BH)")
    assert table.rows[1][3:6] == (".200", ".400", ".300")
    assert "adjusted for the number of models that give an effect" in table.note
    assert "Holm" not in table_choices(effects, "1", caption="Effects").note


def test_the_sentence_counts_signs_intervals_and_refusals(effects):
    said = sentence_choices(effects, "3")
    assert "−6.0 percentage points in the proportional-odds model" in said
    assert "−6.0 to −2.0 over the 2 models" in said
    assert "that of the first model in 2 of them" in said
    assert "leaves out zero in 1." in said
    assert "For 1 of 3 models no effect can be computed" in said


def test_better_fits_are_named(effects):
    assert sentence_best(effects).endswith("the best by 4.0: Probit.")
    assert "no other model" in sentence_best(effects[effects["choice"] == "Logit"])


def test_drawn_intervals_are_percentage_points(effects):
    drawn = intervals_of_choices(effects, ("1", "3"))
    assert list(drawn.columns) == ["model", "term", "estimate", "conf_low", "conf_high"]
    assert drawn["estimate"].tolist() == pytest.approx([6.0, -6.0, 2.0, -2.0])
