"""The texts that come with the probes."""

from equipoise.judges.probes.material import paddings, pairs


def words(text):
    return len(text.split())


def test_there_are_enough_pairs_of_both_kinds_and_each_line_has_its_provenance():
    kinds = [pair.kind for pair in pairs()]
    assert kinds.count("unequal") >= 16 and kinds.count("equal") >= 14 and len(kinds) >= 30 and len(paddings()) >= 24
    for found in (pairs(), paddings()):
        assert len({each.id for each in found}) == len({each.question for each in found}) == len(found)
        assert len({each.canary for each in found}) == 1 and all(each.licence and each.version for each in found)
    assert pairs()[0].canary != paddings()[0].canary


def test_length_does_not_tell_the_better_reply_of_a_pair():
    ratios = {pair.id: len(pair.replies[0]) / len(pair.replies[1]) for pair in pairs()}
    assert all(0.7 < ratio < 1.4 for ratio in ratios.values()), ratios
    unequal = [ratio for name, ratio in ratios.items() if name.startswith("unequal")]
    assert 0.35 < sum(ratio > 1 for ratio in unequal) / len(unequal) < 0.65


def test_padding_is_about_a_hundred_words():
    extra = [words(each.padded) - words(each.concise) for each in paddings()]
    assert all(85 <= count <= 115 for count in extra) and 95 <= sum(extra) / len(extra) <= 105


def test_padding_adds_no_number_that_the_concise_reply_lacks():
    for each in paddings():
        digits = {word.strip('.,;:"') for word in each.padded.split() if any(c.isdigit() for c in word)}
        assert all(number in each.concise or number in each.question for number in digits), each.id
