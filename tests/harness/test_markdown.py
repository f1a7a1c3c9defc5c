import pytest

from equipoise.harness.markdown import cell, code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 1.5", "plain 1.5"), ("a|b\n# c", r"a\|b \# c"), ("*_`[x](y)`_*", r"\*\_\`\[x\](y)\`\_\*"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"), ("@all\x1b[0m", r"\@all�\[0m"), ("\u202eevil", "�evil"), ("\\|", r"\\\|"),
        (3, "3"), ("", ""),
    ],
)  # fmt: skip
def test_a_cell_is_plain_text(text: object, shown: str) -> None:
    assert cell(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a`b|c\nd", "`a'b¦c d`"), ("<b>\x1b", "`<b>�`"), (None, "`None`"), ("", "–"), (" \n", "–")],
)
def test_a_code_span_is_one_cell(text: object, shown: str) -> None:
    assert code(text) == shown
