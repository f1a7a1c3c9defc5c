from collections import Counter

from equipoise.training.pbt.split import SHARES, split_of


def test_the_shares_are_those_asked_for() -> None:
    assert dict(SHARES) == {"train": 0.70, "dev": 0.15, "test": 0.15}
    counts = Counter(split_of(f"family-{i}") for i in range(4000))
    for split, share in SHARES:
        assert abs(counts[split] / 4000 - share) < 0.03  # 4 standard errors


def test_known_families_stay_where_they_are() -> None:
    """A data set made tomorrow must not test on what one made today trained on."""
    assert [split_of(family) for family in ("seine", "mars", "oak", "zinc")] == ["train", "dev", "test", "test"]
