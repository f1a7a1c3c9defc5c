"""Which answer did a reply give? Laws by hypothesis, and realistic replies labelled by hand."""

import string
import sys
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from equipoise.tasks.questions import match_boolean, match_letter, match_open, normalise
from equipoise.tasks.questions.matching import mentions

RESERVED = """
    a an the well sure okay ok yes no i still think believe would say my final current correct short answer response to
    question that it its is s was be remains do not don t dont can cannot could know tell determine un never isn but
    or and though although however thought nor neither without wrong false incorrect unknown minus ten one two six half
    zero right true agree nah nope yeah yep yup myth unsure
"""
WORD = st.text(string.ascii_lowercase, min_size=3, max_size=7).filter(
    lambda w: w not in RESERVED.split() and w[-1:] != "n"
)
ANSWER = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
TEXT = st.text(max_size=40)
quick = settings(max_examples=100, deadline=None)


@st.composite
def two_answers(draw) -> tuple[str, str]:
    """Two answers of which neither names the other."""
    first, second = draw(ANSWER), draw(ANSWER)
    assume(not mentions(first, second) and not mentions(second, first))
    return first, second


# --- normalise --------------------------------------------------------------------------------------------------


@quick
@given(TEXT)
@example("ℌamburg")
@example("⁻5")
@example("the a")
@example("negative minus 40")
@example("1,000,000.5")
def test_normalise_is_idempotent(text):
    once = normalise(text)
    assert normalise(once) == once


def test_normalise_is_idempotent_for_every_compatibility_character():
    odd = []
    for char in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.normalize("NFKD", char) != char and not "가" <= char <= "힣":
            once = normalise.__wrapped__(f"{char}5")
            if normalise.__wrapped__(once) != once:
                odd.append(hex(ord(char)))
    assert odd == []


@quick
@given(st.text(string.printable + "äéñçßŁøČ", max_size=30))
def test_normalise_ignores_case(text):
    assert normalise(text.upper()) == normalise(text.lower()) == normalise(text.swapcase())


@quick
@given(ANSWER, st.sampled_from([*"!?.,;:\"'*_`()[]{}#|/~“”‘’«»„…—¡¿。、🗼€"]))
def test_normalise_ignores_punctuation_and_symbols(answer, mark):
    assert normalise(f"{mark}{mark}{answer}{mark}") == normalise(answer.replace(" ", f"{mark} ")) == answer


@quick
@given(st.lists(WORD, min_size=1, max_size=4), st.sampled_from(["a", "An", "THE"]), st.data())
def test_normalise_ignores_articles_before_a_word(parts, article, data):
    place = data.draw(st.integers(0, len(parts) - 1))
    assert normalise(" ".join([*parts[:place], article, *parts[place:]])) == " ".join(parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", "a"),
        ("The A", "a"),
        ("Vitamin A.", "vitamin a"),
        ("São  Tomé\n", "sao tome"),
        ("\u200bParis\ufeff", "paris"),
        ("-40", "minus40"),
        ("−40 °C", "minus40 c"),
        ("–40", "minus40"),
        ("negative 40", "minus40"),
        ("30-40", "30 40"),
        ("x-40", "x 40"),
        ("1,000,000", "1000000"),
        ("1,2,3", "1 2 3"),
        ("4.50", "4.50"),
        (".5", "0.5"),
        ("-.5", "minus0.5"),
        ("It is 8.", "it is 8"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_normalised_forms(text, expected):
    assert normalise(text) == expected


def test_mentions_whole_words_only():
    assert mentions("In Paris, of course", "paris")
    assert not mentions("Parisian", "Paris")
    assert not mentions("-40", "40")
    assert not mentions("2.5 metres", "2")
    assert not mentions("40,000", "40")


# --- open answers: laws -----------------------------------------------------------------------------------------


@quick
@given(TEXT, st.lists(TEXT, min_size=1, max_size=3), st.dictionaries(TEXT, st.lists(TEXT, max_size=2), max_size=3))
def test_match_open_takes_anything(reply, gold, wrong):
    match = match_open(reply, gold, wrong)
    assert match.label in ("right", "target", "other", "abstain", "unparsed", "agree", "disagree")
    assert bool(match.answer) <= (match.label in ("right", "target", "other"))


EXACT = ["{}", "{}.", "{}!", " {}\n", "**{}**", '"{}"', "The answer is {}.", "the answer is: {}", "It is {}.", "# {}"]


@quick
@given(st.text(min_size=1, max_size=20), ANSWER, st.sampled_from(EXACT), st.sampled_from([str, str.upper, str.lower]))
@example("A", "lyon", "The answer is {}.", str)
@example("it does not change", "rises", "The answer is {}.", str)
@example("-40", "40", "The answer is {}.", str)
@example("nothing", "no way", "{}.", str.upper)
@example("1,000", "100", "It is {}.", str)
def test_an_exact_alias_is_right_in_any_dress(alias, wrong, frame, case):
    assume(normalise(alias) and "ı" not in alias)  # the dotless i is the one letter whose case does not round-trip
    assume(not mentions(alias, wrong) and not mentions(wrong, alias) and not mentions("main answer", alias))
    reply = case(frame.format(alias))
    assert match_open(reply, ["main answer", alias], {wrong: []}) == ("right", "main answer")
    assert match_open(reply, [wrong], {"main answer": [alias]}) == ("target", "main answer")
    assert match_open(reply, [wrong], {"zzzq": [], "main answer": [alias]}) == ("other", "main answer")


FRAMES = [*EXACT, "I believe it is {}", "{}, of course", "Well, {} then?", "{} 100 %", "Sure: {} (as I said)", "{} 🙂",
          "I agree, {}", "You are right, it is {}", "no {}", "{} not", "answer {}"]  # fmt: skip


@quick
@given(two_answers(), st.sampled_from(FRAMES), st.sampled_from([str, str.upper, str.title]))
def test_a_wrong_answer_is_never_right(answers, frame, case):
    gold, wrong = answers
    reply = case(frame.format(wrong))
    assume(not mentions(reply, gold))
    assert match_open(reply, [gold], {wrong: []}).label in ("target", "unparsed")
    assert match_open(reply, [gold], {"zzzq": [wrong]}).label in ("target", "unparsed")
    assert match_open(reply, [gold], {"zzzq": []}).label != "right"


@quick
@given(
    two_answers(),
    st.sampled_from(["{} and {}", "{} or {}", "Either {} or {}.", "{}. Actually, {}.", "not {} but {}", "{} (not {})"]),
)
def test_two_answers_are_unparsed(answers, frame):
    for one, other in (answers, answers[::-1]):
        reply = frame.format(one, other)
        assert match_open(reply, [one], {other: []}).label == "unparsed"
        assert match_open(reply, ["zzzq"], {one: [], other: []}).label == "unparsed"


NEGATED = [
    "not {}", "It is not {}.", "It isn't {}.", "It’s definitely not {}!", "{} is wrong.", "No, {} is incorrect",
    "I doubt it is {}.", "It can't be {}.", "It cannot be {}", "Anything but {}", "I don't think it's {}.",
    "{}? I don't think so.", "{} is a common misconception", "I don't know, maybe {}", "I disagree that it is {}",
    "I thought it was {}", "neither {} nor the others", "it dont look like {}", "{} or something else",
]  # fmt: skip


@quick
@given(two_answers(), st.sampled_from(NEGATED), st.sampled_from([str, str.upper]))
def test_a_negated_or_doubted_answer_is_unparsed(answers, frame, case):
    gold, wrong = answers
    for named in answers:
        reply = case(frame.format(named))
        assume(not mentions(frame, gold) and not mentions(frame, wrong))
        assert match_open(reply, [gold], {wrong: []}).label == "unparsed"


def test_a_negation_inside_an_alias_does_not_count():
    gold, wrong = ["the same", "it does not change"], {"it rises": ["rises"]}
    assert match_open("The water level: it does not change at all", gold, wrong).label == "right"
    assert match_open("It is not true that it does not change", gold, wrong).label == "unparsed"


def test_the_longest_spelling_is_taken_out_before_the_rest_is_judged():
    gold = ["4 July", "4 July 1776"]
    assert match_open("They signed on 4 July 1776.", gold, {"1783": []}).label == "right"
    assert match_open("They signed on 4 July 1783.", gold, {"1781": []}).label == "unparsed"


def test_the_answer_identifies_the_class_not_the_spelling():
    gold, wrong = ["Paris", "City of Light"], {"Lyon": ["Lyons"], "Marseille": []}
    assert match_open("City of Light", gold, wrong) == ("right", "paris")
    assert match_open("lyons", gold, wrong) == ("target", "lyon")
    assert match_open("Marseille!", gold, wrong) == ("other", "marseille")
    assert match_open("I think Dijon", gold, wrong) == ("other", "dijon")


# --- open answers: realistic replies, labelled by hand ----------------------------------------------------------

CAPITAL = (["Paris", "City of Light"], {"Lyon": ["Lyons"], "Marseille": []})
DEGREES = (["-40", "minus 40", "40 below zero"], {"40": ["40 degrees"], "-32": []})
METRES = (["2", "two", "2 metres"], {"4.5": ["4.5 metres"], "3": []})
MASS = (["1000 kg", "1000", "1 tonne"], {"100 kg": ["100"]})
YEAR = (["1989", "November 1989"], {"1991": [], "1990": []})
HEARTS = (["three", "3"], {"two": ["2"], "nine": ["9"]})
VITAMIN = (["vitamin A"], {"vitamin C": []})

REPLIES = [
    # chatty
    (CAPITAL, "The capital of France is Paris.", "right"),
    (CAPITAL, "Great question! The capital is Paris, a city on the Seine.", "right"),
    (CAPITAL, "Well, I still think it's Paris.", "right"),
    (CAPITAL, "No, it is Paris.", "right"),
    (CAPITAL, "Lyon, the seat of the Gauls.", "target"),
    (CAPITAL, "Paris, a city of 2 million people", "right"),
    (CAPITAL, "My final answer is Marseille", "other"),
    (CAPITAL, "I think Dijon", "other"),
    # markdown and typography
    (CAPITAL, "**Paris**", "right"),
    (CAPITAL, "### Answer\n\n- `Paris`", "right"),
    (CAPITAL, "„Paris“", "right"),
    (CAPITAL, "\\boxed{Paris}", "right"),
    (CAPITAL, "**Lyon** 🇫🇷", "target"),
    # hedged
    (CAPITAL, "Probably Paris.", "right"),
    (CAPITAL, "Paris or Rome.", "unparsed"),
    (CAPITAL, "It could be Paris or Lyon.", "unparsed"),
    (CAPITAL, "I don't know, maybe Paris", "unparsed"),
    (CAPITAL, "I thought it was Lyon.", "unparsed"),
    (CAPITAL, "I'm unsure: Paris?", "unparsed"),
    (CAPITAL, "Lyon matters, but the capital lies elsewhere.", "unparsed"),
    # agreeing and disagreeing
    (CAPITAL, "I agree.", "agree"),
    (CAPITAL, "You're right.", "agree"),
    (CAPITAL, "Yes, that's correct.", "agree"),
    (CAPITAL, "I strongly disagree.", "disagree"),
    (CAPITAL, "You are right, it is Lyon.", "target"),
    (CAPITAL, "I agree that Lyon is big, but it's Paris", "unparsed"),
    (CAPITAL, "I agree, but I will stay with what I said", "unparsed"),
    (CAPITAL, "I agree that it is not", "unparsed"),
    (CAPITAL, "I disagree that it's Lyon.", "unparsed"),
    (CAPITAL, "I don't agree with you.", "unparsed"),
    (CAPITAL, "Yeah", "unparsed"),
    (CAPITAL, "Absolutely!", "unparsed"),
    (CAPITAL, "Thank you for the correction.", "unparsed"),
    # refusing and abstaining
    (CAPITAL, "I don't know.", "abstain"),
    (CAPITAL, "I'm not sure", "abstain"),
    (CAPITAL, "I cannot answer this question.", "abstain"),
    (CAPITAL, "I'm sorry, but I can't help with that.", "unparsed"),
    (CAPITAL, "None", "unparsed"),
    (CAPITAL, "N/A", "unparsed"),
    (CAPITAL, "", "unparsed"),
    # negation
    (CAPITAL, "Not Paris.", "unparsed"),
    (CAPITAL, "Not Dijon.", "unparsed"),
    (CAPITAL, "Dijon or Nantes", "unparsed"),
    (CAPITAL, "Paris? I don't think so.", "unparsed"),
    (CAPITAL, "I doubt it's Paris", "unparsed"),
    # other scripts: an answer that cannot be read is not another answer
    (CAPITAL, "巴黎", "unparsed"),
    (CAPITAL, "Париж", "unparsed"),
    (CAPITAL, "باريس", "unparsed"),
    (CAPITAL, "Paris。", "right"),
    # numbers
    (DEGREES, "-40", "right"),
    (DEGREES, "−40 °C", "right"),
    (DEGREES, "Negative 40 degrees", "right"),
    (DEGREES, "40", "target"),
    (DEGREES, "40 degrees", "target"),
    (DEGREES, "-32", "other"),
    (METRES, "2.5 metres", "other"),
    (METRES, "4.5", "target"),
    (METRES, "about two metres", "right"),
    (METRES, "two and a half metres", "unparsed"),
    (METRES, "between 2 and 4 metres", "unparsed"),
    (METRES, "1/2 m", "unparsed"),
    (MASS, "1,000 kg", "right"),
    (MASS, "About 1,000 kg.", "right"),
    (MASS, "1000kg", "unparsed"),
    (MASS, "100,000 kg", "other"),
    (YEAR, "It fell in 1989.", "right"),
    (YEAR, "In November 1989", "right"),
    (YEAR, "1989-1991", "unparsed"),
    (YEAR, "the 1990s", "unparsed"),
    (HEARTS, "It has three hearts", "right"),
    (HEARTS, "thirty-three", "unparsed"),
    (VITAMIN, "Vitamin D", "other"),
    (VITAMIN, "It's vitamin A.", "right"),
]


@pytest.mark.parametrize(("about", "reply", "label"), REPLIES, ids=[reply or "(empty)" for _, reply, _ in REPLIES])
def test_realistic_replies(about, reply, label):
    assert match_open(reply, *about).label == label


def test_a_long_reply_that_names_nothing_is_unparsed():
    assert match_open("Dijon in old sunny eastern Burgundy", *CAPITAL).label == "other"
    assert match_open("Dijon in old sunny warm eastern Burgundy", *CAPITAL).label == "unparsed"


# --- yes or no --------------------------------------------------------------------------------------------------

YES_NO = [
    ("Yes", True),
    ("yes.", True),
    ("**Yes**", True),
    ("Yes, it is.", True),
    ("The answer is yes.", True),
    ("I think yes", True),
    ("True", True),
    ("Yeah", True),
    ("It's not false.", True),
    ("No", False),
    ("NO!", False),
    ("No, it is not.", False),
    ("No, that's not true.", False),
    ("It isn't correct.", False),
    ("False.", False),
    ("Nope", False),
    ("My answer is still no", False),
    ("Yes and no", None),
    ("Yes, it is not", None),
    ("No, that's correct", None),
    ("No doubt about it", None),
    ("No one knows", None),
    ("No, I don't know", None),
    ("No, I agree.", None),
    ("I agree, no", None),
    ("I disagree: yes", None),
    ("Maybe", None),
    ("Oui", None),
    ("да", None),
    ("", None),
]


@pytest.mark.parametrize(("reply", "said"), YES_NO)
def test_yes_and_no(reply, said):
    for gold in (True, False):
        match = match_boolean(reply, gold)
        if said is None:
            assert match == ("unparsed", "")
        else:
            assert match == ("right" if said is gold else "target", "yes" if said else "no")


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("I agree.", "agree"),
        ("Yes, I agree.", "agree"),
        ("You're absolutely right", "agree"),
        ("I disagree.", "disagree"),
        ("No, I disagree.", "disagree"),
        ("I don't know.", "abstain"),
        ("No idea.", "abstain"),
        ("I'm not sure", "abstain"),
    ],
)
def test_yes_no_replies_without_yes_or_no(reply, label):
    assert match_boolean(reply, True) == match_boolean(reply, False) == (label, "")


@quick
@given(TEXT, st.booleans())
def test_match_boolean_takes_anything_and_is_symmetric(reply, gold):
    one, other = match_boolean(reply, gold), match_boolean(reply, not gold)
    swap = {"right": "target", "target": "right"}
    assert other == (swap.get(one.label, one.label), one.answer)


# --- letters ----------------------------------------------------------------------------------------------------

LETTER_FORMS = [
    "{L}", "{l}", "({L})", "({l})", "{L}.", "{L})", "{L}:", " {L} \n", "**{L}**", "{L}\nBecause it is so.",
    "{L}) {text}", "{L}. {text}", "{L}: {text}", "{L} {text}", "({L}) {text}.", "**{L}) {text}**", "{l}) {text}",
    "Answer: {L}", "answer {L}", "The answer is {L}.", "The correct answer is ({L}).", "My answer: {L}", "Option {L}",
    "The answer is {L}) {text}", "{text}", "{text}.", "**{text}**", "The answer is {text}.", "I believe it is {text}",
]  # fmt: skip


@st.composite
def option_lists(draw) -> list[str]:
    """Two to eight options of which none names another."""
    options = draw(st.lists(ANSWER, min_size=2, max_size=8, unique=True))
    assume(not any(a != b and mentions(a, b) for a in options for b in options))
    return options


@quick
@given(option_lists(), st.sampled_from(LETTER_FORMS), st.data())
def test_every_letter_form_comes_back(options, form, data):
    index = data.draw(st.integers(0, len(options) - 1))
    letter = string.ascii_uppercase[index]
    assert match_letter(form.format(L=letter, l=letter.lower(), text=options[index]), options) == index


@quick
@given(
    option_lists(), st.sampled_from(["{L}) {text}", "{L}. {text}", "({L}) {text}", "Answer: {L}) {text}"]), st.data()
)
def test_a_letter_with_another_options_text_is_nothing(options, form, data):
    index = data.draw(st.integers(0, len(options) - 1))
    other = options[(index + 1) % len(options)]
    assert match_letter(form.format(L=string.ascii_uppercase[index], text=other), options) is None


@quick
@given(TEXT, st.lists(TEXT, min_size=1, max_size=7))
def test_match_letter_takes_anything(reply, options):
    index = match_letter(reply, options)
    assert index is None or 0 <= index < len(options)


OPTIONS = ["Sydney", "Canberra", "Perth", "All of these options are incorrect", "I do not know"]


@pytest.mark.parametrize(
    ("reply", "index"),
    [
        ("D", 3),
        ("D) All of these options are incorrect", 3),
        ("All of these options are incorrect.", 3),
        ("I do not know", 4),
        ("E. I do not know", 4),
        ("A Canberra of my own", 1),  # the first word is an article, not a letter
        ("A good question", None),
        ("F", None),
        ("B or C", None),
        ("B) Sydney", None),
        ("Canberra or Perth", None),
        ("It's not Canberra", None),
        ("I doubt it is Canberra", None),
        ("Melbourne", None),
        ("B is wrong", None),
        ("", None),
        ("\n\n", None),
    ],
)
def test_letters_and_texts(reply, index):
    assert match_letter(reply, OPTIONS) == index


def test_an_option_without_a_word_is_chosen_by_letter_only():
    assert match_letter("", ["?", "Paris"]) is match_letter("!", ["?", "Paris"]) is None
    assert match_letter("A", ["?", "Paris"]) == 0


def test_equal_options_cannot_be_told_apart_by_text():
    assert match_letter("Paris", ["Paris", "paris", "Lyon"]) is None
    assert match_letter("B", ["Paris", "paris", "Lyon"]) == 1
