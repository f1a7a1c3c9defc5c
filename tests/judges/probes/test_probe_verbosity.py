"""The verbosity probe gives back the points per word that a judge was given."""

import math
from pathlib import Path

import pytest
from panels import scripted

from equipoise.harness.run import build_model
from equipoise.judges import Judge, Store
from equipoise.judges.probes import probe_verbosity
from equipoise.judges.probes.material import paddings

COUNT = len(paddings())
FIGURES = ("difference", "longer_rated_higher", "shorter_rated_higher", "longer_preferred", "shorter_preferred")


def probed(*models):
    with Store(Path(":memory:")) as store:
        return probe_verbosity([Judge(model) for model in models], store)


def scripted_judge(settings=""):
    return build_model(f"equipoise/judge{settings}", {})


def values(found):
    return {name: getattr(found, name).value for name in FIGURES}


def vote(text, points):
    """By hand: the middle of seven points, plus the points per 100 words, rounded half up, on the scale."""
    return min(6, max(0, math.floor(3 + points * len(text.split()) / 100 + 0.5)))


@pytest.mark.parametrize("points", [0, 0.5, 1, 2, 4, -1, -2])
def test_known_points_per_word_are_given_back(points):
    (found,) = probed(scripted_judge(f":verbosity={points}"))
    gaps = [vote(each.padded, points) - vote(each.concise, points) for each in paddings()]
    assert found.difference.value == pytest.approx(sum(gaps) / COUNT)
    assert found.longer_rated_higher.value == pytest.approx(sum(gap > 0 for gap in gaps) / COUNT)
    assert found.shorter_rated_higher.value == pytest.approx(sum(gap < 0 for gap in gaps) / COUNT)
    assert (found.missing.asked, found.missing.reasons) == (4 * COUNT, {})


def test_a_point_per_hundred_words_is_a_point_since_padding_is_a_hundred_words():
    more, fewer, fair = probed(*map(scripted_judge, (":verbosity=1", ":verbosity=-1", "")))
    assert values(more) == dict(zip(FIGURES, (1, 1, 0, 1, 0), strict=True))
    assert values(fewer) == dict(zip(FIGURES, (-1, 0, 1, 0, 1), strict=True))
    assert values(fair) == dict(zip(FIGURES, (0, 0, 0, 0, 0), strict=True))
    assert math.isnan(more.difference.low), "all pairs alike: no interval of a mean"
    assert more.longer_rated_higher.low == pytest.approx(0.025 ** (1 / COUNT))
    assert more.longer_preferred.low == pytest.approx(0.025 ** (1 / COUNT)), "two orders of a pair are one observation"


def test_a_preference_for_a_place_is_none_for_length():
    (found,) = probed(scripted_judge(":position=2"))
    assert values(found) == dict(zip(FIGURES, (0, 0, 0, 0.5, 0.5), strict=True))


def test_missing_votes_leave_their_pair_out_and_are_counted():
    half = build_model("equipoise/judge:failure=0.4:seed=5", {})
    (found,) = probed(half)
    assert 0 < found.missing.reasons["unparsed"] < 4 * COUNT and 0 < found.difference.units < COUNT
    assert found.difference.value == 0 and found.longer_preferred.units % 2 == 0
    (found,) = probed(scripted("no idea")[0])
    assert found.missing.reasons == {"unparsed": 4 * COUNT}
    assert all(math.isnan(value) for value in values(found).values())
