"""ALOE's metrics on tables whose values are known beforehand."""

import numpy as np
import pandas as pd
import pytest

from equipoise.harness.table.schema import conform
from equipoise.tasks.aloe.metrics import CHECKS, aloe_metrics

from .long_tables import crossed, lost, table, votes

NAN = np.nan
RISE, FLAT = [2.0, 3.0, 4.0], [3.0, 3.0, 3.0]


def metrics(frame, draws=0, seed=0):
    listed = aloe_metrics(frame, draws=draws, seed=seed)
    found = {(m.arm, m.measure, m.by): m for m in listed}
    assert len(found) == len(listed), "no metric is there twice"
    return found


def estimates(found, arm="model", by=""):
    return {measure: m.estimate for (a, measure, b), m in found.items() if (a, b) == (arm, by)}


def test_a_curve_and_its_summaries():
    """The fourth worked example of the specification, from two cases that differ by a constant."""
    curve = np.array([3.0, 3.2, 3.1, 3.5, 3.6, 3.6, 3.9, 3.8, 4.0, 4.1])
    found = metrics(table(votes({"p0.t0": curve - 0.5, "p1.t1": curve + 0.5})))
    own = estimates(found)
    assert (own["al_first"], own["al_last"], own["al_mean"]) == pytest.approx((3.0, 4.1, 3.58))
    assert (own["ir"], own["n_ir"], own["n_r2"]) == pytest.approx((0.122424, 0.111295, 0.939578), rel=5e-6)
    assert [found["model", "al", f"turn={k}"].estimate for k in range(1, 11)] == pytest.approx(curve)
    assert (found["model", "al_mean", ""].n, found["model", "al_first", ""].n) == (20, 2)
    assert (found["model", "al_mean", ""].items, found["model", "al_mean", ""].families) == (2, 2)
    assert own["valid"] == 1 and own["dropped_share"] == 0


def test_a_flat_curve_has_no_normalised_rate_and_says_so():
    found = metrics(table(votes(crossed(np.full((3, 2, 10), 4.0)))), draws=50)
    own = estimates(found)
    assert own["ir"] == 0 and np.isnan([own["n_ir"], own["n_r2"]]).all()
    assert found["model", "n_ir", ""].record()["estimate"] is None
    assert own["undefined_draws"] == 50
    mean = found["model", "al_mean", ""]
    assert (mean.low, mean.estimate, mean.high) == (4, 4, 4), "constant scores have no width"


def test_draws_with_a_flat_curve_are_counted():
    """Two profiles, one flat: a quarter of the draws take it twice."""
    frame = table(votes({"p0.t0": FLAT, "p0.t1": FLAT, "p1.t0": RISE, "p1.t1": RISE}))
    found = metrics(frame, draws=2000)
    assert found["model", "undefined_draws", ""].estimate == pytest.approx(500, abs=80)
    assert (found["model", "n_ir", ""].low, found["model", "n_ir", ""].high) == pytest.approx((0.5, 0.5))
    assert ("model", "undefined_draws", "") not in metrics(frame, draws=0)


def test_intervals_have_the_variance_of_additive_scores():
    """Profiles and personalities vary, cells have no noise: sd sqrt(Var(a) / P + Var(b) / Q), all turns together."""
    generator = np.random.default_rng(0)
    a, b = generator.normal(0, 0.5, 20), generator.normal(0, 0.5, 5)
    values = 3 + a[:, None, None] + b[None, :, None] + 0.1 * np.arange(10)
    found = metrics(table(votes(crossed(values))), draws=2000)
    mean, rate = found["model", "al_mean", ""], found["model", "ir", ""]
    expected = 2 * 1.96 * np.sqrt(a.var() / 20 + b.var() / 5)
    assert mean.high - mean.low == pytest.approx(expected, rel=0.12)
    assert (rate.low, rate.estimate, rate.high) == pytest.approx((0.1, 0.1, 0.1)), "the same rise in every case"


def test_one_profile_has_no_interval():
    found = metrics(table(votes({"p0.t0": RISE, "p0.t1": FLAT})), draws=50)
    assert np.isnan([found["model", "al_mean", ""].low, found["model", "al_mean", ""].high]).all()


def test_epochs_are_averaged_within_the_case_first():
    """Three repeats of one case weigh as much as one of the other."""
    frame = table(*(votes({"p0.t0": [5, 5, 5]}, epoch=k) for k in (1, 2, 3)), votes({"p1.t1": [1, 1, 1]}))
    assert estimates(metrics(frame))["al_mean"] == 3
    assert metrics(frame)["model", "al_mean", ""].n == 12


def test_a_repeat_in_another_log_is_another_dialogue():
    frame = table(votes({"p0.t0": [5, 5, 5]}, log="x"), votes({"p0.t0": [1, 1, 1]}, log="y"))
    assert estimates(metrics(frame))["al_mean"] == 3


def test_a_dialogue_that_lacks_a_turn_leaves_all_of_them():
    frame = table(votes({"p0.t0": [1, NAN, 1], "p1.t1": RISE, "p1.t0": FLAT}))
    found = metrics(frame)
    own = estimates(found)
    assert (own["al_first"], own["al_last"], own["al_mean"]) == (2.5, 3.5, 3)
    assert own["dropped_share"] == pytest.approx(1 / 3) and own["valid"] == 0
    assert (found["model", "al_mean", ""].n, found["model", "al_mean", ""].missing) == (6, 1)
    assert found["model", "al", "turn=1"].missing == 0 and found["model", "al", "turn=2"].missing == 1
    assert found["model", "al", "turn=1"].items == 2


def test_a_repeat_that_lacks_a_turn_leaves_the_case_its_others():
    frame = table(votes({"p0.t0": [1, NAN, 1]}), votes({"p0.t0": RISE}, epoch=2))
    own = estimates(metrics(frame))
    assert (own["al_first"], own["al_mean"], own["dropped_share"]) == (2, 3, 0.5)


def test_lost_samples_are_dropped_dialogues():
    frame = table(votes({f"p{i}.t0": RISE for i in range(4)}), lost(["p9.t0"]))
    found = metrics(frame)
    assert found["model", "dropped_share", ""].estimate == 0.2
    assert (found["model", "al_mean", ""].n, found["model", "al_mean", ""].missing) == (12, 3)


def test_a_dialogue_that_a_judge_never_saw_is_dropped():
    frame = table(votes({"p0.t0": RISE, "p1.t0": RISE}), votes({"p0.t0": FLAT}, judge="b"))
    found = metrics(frame)
    assert found["model", "dropped_share", "judge=b"].estimate == 0.5 == found["model", "dropped_share", ""].estimate
    assert found["model", "al_mean", ""].missing == 3


def test_everything_lost():
    found = metrics(table(lost(["p0.t0", "p1.t0"])), draws=10)
    own = estimates(found)
    assert own["dropped_share"] == 1 and own["valid"] == 0
    assert np.isnan([own["al_mean"], own["al_last"]]).all()
    assert found["model", "al_mean", ""].missing == 2
    assert not any(measure.startswith(("al_swapped", "personal")) for _, measure, _ in found)


@pytest.mark.parametrize(("dropped", "valid"), [(2, 1), (3, 0)])
def test_over_two_percent_dropped_is_invalid(dropped, valid):
    values = np.full((20, 5, 2), 3.0)
    values.reshape(100, 2)[:dropped, 1] = NAN
    own = estimates(metrics(table(votes(crossed(values)))))
    assert (own["dropped_share"], own["valid"]) == (dropped / 100, valid)


def test_the_panel_is_over_cases_that_all_of_its_judges_completed():
    frame = table(
        votes({"p0.t0": [1, 1], "p1.t1": [2, 2], "p2.t0": [3, 3]}),
        votes({"p0.t0": [3, 3], "p1.t1": [NAN, 5], "p2.t0": [5, 5]}, judge="b"),
    )
    found = metrics(frame)
    assert estimates(found)["al_mean"] == 3, "(1 + 3) / 2 and (3 + 5) / 2"
    assert estimates(found, by="judge=a")["al_mean"] == 2, "a judge's own mean is over all that it completed"
    assert estimates(found, by="judge=b")["al_mean"] == 4
    shares = [found["model", "dropped_share", by].estimate for by in ("", "judge=a", "judge=b")]
    assert shares == pytest.approx([1 / 3, 0, 1 / 3])
    assert (found["model", "al_mean", ""].n, found["model", "al_mean", ""].missing) == (8, 1)
    assert found["model", "al", "judge=b,turn=1"].missing == 1 and found["model", "al", "judge=a,turn=1"].n == 3


def test_a_judge_without_a_complete_dialogue_is_left_out_and_counted():
    frame = table(
        votes({"p0.t0": RISE, "p1.t1": RISE}),
        votes({"p0.t0": [NAN, 5, 5], "p1.t1": [NAN] * 3}, judge="dead"),
    )
    found = metrics(frame)
    assert estimates(found)["al_mean"] == 3 and estimates(found)["dropped_share"] == 0
    assert (found["model", "al_mean", ""].n, found["model", "al_mean", ""].missing) == (6, 4)
    assert found["model", "dropped_share", "judge=dead"].estimate == 1
    assert np.isnan(estimates(found, by="judge=dead")["al_mean"])


def test_two_versions_of_a_judges_prompt_are_two_judges():
    frame = table(votes({"p0.t0": [1, 1]}), votes({"p0.t0": [3, 3]}, judge="b"), votes({"p0.t0": [5, 5]}, judge="b"))
    frame["judge_prompt_hash"] = pd.Categorical(["old"] * 4 + ["new"] * 2)
    found = metrics(frame)
    by = {by for _, measure, by in found if measure == "al_mean"}
    assert by == {"", "judge=a", "judge=b#old", "judge=b#new"}
    assert estimates(found)["al_mean"] == 3


def test_the_personal_part_is_paired_by_dialogue_and_judge():
    """Own minus swapped on dialogues that have both, by judges that rated both."""
    frame = table(
        votes({"p0.t0": [3, 4, 5], "p1.t1": [5, 5, 5]}),
        votes({"p0.t0": [2, 2, 2], "p1.t1": [NAN, 1, 1]}, measure="al_swapped"),
        votes({"p0.t0": [1, 1, 1], "p1.t1": [1, 1, 1]}, judge="only_own"),
    )
    found = metrics(frame)
    own = estimates(found)
    assert [found["model", "personal", f"turn={k}"].estimate for k in (1, 2, 3)] == [1, 2, 3]
    assert (own["personal_first"], own["personal_last"], own["personal_mean"], own["personal_ir"]) == (1, 3, 2, 1)
    assert own["al_swapped_mean"] == 2 and own["al_swapped_ir"] == 0
    personal = found["model", "personal_mean", ""]
    assert (personal.n, personal.items, personal.missing) == (6, 1, 1)
    assert found["model", "dropped_share", "measure=al_swapped"].estimate == 0.5
    assert own["dropped_share"] == 0 and own["valid"] == 0, "the personal part would be published, too"


def test_the_personal_part_has_paired_draws():
    """The difference is 1 in every case, however much the cases vary."""
    values = np.random.default_rng(0).uniform(2, 5, size=(6, 4, 3))
    frame = table(votes(crossed(values)), votes(crossed(values - 1), measure="al_swapped"))
    found = metrics(frame, draws=200)
    personal, own = found["model", "personal_mean", ""], found["model", "al_mean", ""]
    assert (personal.low, personal.high) == pytest.approx((1, 1)) and own.high - own.low > 0.2


def test_what_seeing_the_history_changes():
    frame = table(votes({"p0.t0": [3, 4]}), votes({"p0.t0": [2, 1]}, measure="al_history"))
    own = estimates(metrics(frame))
    assert (own["history_effect_first"], own["history_effect_last"], own["history_effect_mean"]) == (-1, -3, -2)
    assert own["al_history_mean"] == 1.5


def references(low=2.0, model=2.5, high=4.0, **more):
    return {
        "model": {f"p{i // 2}.t{i % 2}": [model, model] for i in range(4)},
        "no_history": {f"p{i // 2}.t{i % 2}": [low, low] for i in range(4)},
        "persona_known": {f"p{i // 2}.t{i % 2}": [high, high] for i in range(4)},
        **more,
    }


def position(arms, draws=0):
    return metrics(table(*(votes(ratings, arm=arm) for arm, ratings in arms.items())), draws)


def test_position_between_the_bounds():
    found = position(references(style={"p0.t0": [3, 3]}), draws=100)
    assert found["model", "position_mean", ""].estimate == pytest.approx(0.25)
    assert found["model", "position", "turn=2"].estimate == pytest.approx(0.25)
    assert found["model", "position_undefined_draws", ""].estimate == 0
    gains = {arm: found["model", f"gain_over_{arm}", ""].estimate for arm in ("no_history", "persona_known", "style")}
    assert gains == {"no_history": 0.5, "persona_known": -1.5, "style": -0.5}
    assert found["model", "gain_over_style", ""].items == 1, "cases that have both"
    assert found["style", "dropped_share", ""].estimate == 0, "an arm that was run on fewer cases dropped none"


@pytest.mark.parametrize("high", [2.0, 1.5])
def test_no_position_where_the_upper_bound_is_not_above_the_lower(high):
    found = position(references(high=high), draws=50)
    assert np.isnan(found["model", "position_mean", ""].estimate)
    assert found["model", "position_undefined_draws", ""].estimate == 50


def test_position_is_over_cases_that_all_three_arms_have():
    arms = references()
    arms["model"]["p9.t0"], arms["persona_known"]["p9.t0"] = [5, 5], [NAN, 5]
    found = position(arms)
    assert found["model", "position_mean", ""].estimate == pytest.approx(0.25)
    assert found["model", "position_mean", ""].items == 4


def test_arms_are_compared_by_the_same_judges():
    """A lenient judge that rated one arm only does not enter the gap."""
    frame = table(
        votes({"p0.t0": [3, 3]}), votes({"p0.t0": [5, 5]}, judge="lenient"), votes({"p0.t0": [2, 2]}, arm="no_history")
    )
    found = metrics(frame)
    assert found["model", "al_mean", ""].estimate == 4
    assert found["model", "gain_over_no_history", ""].estimate == 1


def test_the_position_is_by_judges_that_rated_all_three_arms():
    ratings = references()
    twice = [votes(ratings[arm], arm=arm, judge="b") for arm in ("model", "no_history")]
    extra = [votes({"p0.t0": [5, 5]}, arm="model", judge="c")]
    found = metrics(table(*(votes(ratings[arm], arm=arm) for arm in ratings), *twice, *extra))
    assert found["model", "position_mean", ""].estimate == pytest.approx(0.25)
    assert found["model", "position_mean", ""].n == 24, "one judge, three arms, four cases, two turns"


def test_an_unjudged_run_has_no_ratings_even_if_it_lost_a_sample():
    found = metrics(table(votes({"p0.t0": [10, 20]}, measure="words", judge=""), lost(["p1.t0"])))
    assert set(found) == {("model", "words", "")}


def test_what_stands_before_the_first_turn_is_none_of_the_turns():
    first = votes({"p0.t0": [1000]}, measure="words", judge="").assign(turn=0)
    frame = table(votes({"p0.t0": [10, 20]}, measure="words", judge=""), first)
    assert estimates(metrics(frame))["words"] == 15


def test_checks_of_the_user_and_lengths():
    rows = [votes({"p0.t0": [0, 1], "p1.t0": [0, 0]}, measure=check, judge="") for check in CHECKS[:1]]
    frame = table(*rows, votes({"p0.t0": [10, 20], "p1.t0": [30, 40]}, measure="words", judge=""))
    found = metrics(frame, draws=50)
    rate = found["model", "role_inversion", ""]
    assert (rate.estimate, rate.n) == (0.25, 4) and 0 < rate.low < 0.25 < rate.high
    assert found["model", "words", ""].estimate == 25
    assert set(found) == {("model", "role_inversion", ""), ("model", "words", "")}, "not judged: no ratings"


def test_pools_of_personas_and_numbers_of_turns_are_never_pooled():
    frame = conform(
        pd.concat(
            [
                table(votes({"p0.t0": [5, 5]}), domain="own"),
                table(votes({"p0.t0": [1, 1]}, log="x"), votes({"p0.t0": RISE}, log="y"), domain="released"),
            ]
        )
    )
    found = metrics(frame)
    means = {by: m.estimate for (_, measure, by), m in found.items() if measure == "al_mean" and "judge" not in by}
    assert means == {"domain=own": 5, "domain=released,turns=2": 1, "domain=released,turns=3": 3}
    assert found["model", "al", "domain=released,judge=a,turn=3,turns=3"].estimate == 4


def test_a_log_without_a_single_reply_belongs_to_the_longest_run():
    frame = table(votes({"p0.t0": RISE}, log="y"), lost(["p1.t0"]))
    assert estimates(metrics(frame))["dropped_share"] == 0.5


def test_the_headline_has_both_sides_and_whether_it_is_valid():
    frame = table(votes({"p0.t0": RISE}), votes({"p0.t0": FLAT}, measure="al_swapped"))
    shown = {m.measure for m in aloe_metrics(frame, draws=0) if m.headline}
    assert {"al_first", "al_last", "al_mean", "ir", "n_ir", "n_r2"} <= shown
    assert {"personal_last", "personal_ir", "dropped_share", "valid"} <= shown
    assert all(not m.by for m in aloe_metrics(frame, draws=0) if m.headline)


def test_rows_of_a_scorer_without_the_other_columns():
    """What `inspect eval` hands over: no task, model or log."""
    frame = table(votes({"p0.t0": RISE}))[["item", "family", "domain", "epoch", "arm", "turn", "measure", "judge",
                                           "judge_prompt_hash", "value", "missing"]]  # fmt: skip
    assert estimates(metrics(frame))["ir"] == 1


def test_a_foreign_table_has_no_metrics():
    foreign = {"task": "aloe", "model": "m", "item": "i", "arm": "x", "measure": "y", "value": 1}
    assert aloe_metrics(conform(pd.DataFrame([foreign])), draws=0) == []


def test_the_same_seed_gives_the_same_intervals():
    frame = table(votes(crossed(np.random.default_rng(0).uniform(1, 5, size=(5, 4, 3)))))
    one, again, other = ([m.record() for m in aloe_metrics(frame, 100, seed)] for seed in (1, 1, 2))
    assert one == again and one != other
