"""The shape of trees: the paper's by default, another one from a file, and nothing that could give no pairs."""

import pytest

from equipoise.errors import InputError
from equipoise.training.pbt.prompts import prompts, roles
from equipoise.training.pbt.shape import Shape, read_shape


def written(folder, text):
    path = folder / "shape.yaml"
    path.write_text(text)
    return path


def test_the_default_is_the_tree_of_the_paper():
    shape = Shape()
    assert [len(prompts) for prompts in shape.turns] == [1, 1, 2, 3]
    assert shape.turns[2] == ("acceptant", "resistant") and shape.turns[3] == ("emotional", "credibility", "logical")
    assert shape.independent and shape.stop_on_agreement
    assert shape.size == 10


def test_another_shape_is_read_from_a_file(tmp_path):
    shape = read_shape(
        written(tmp_path, "turns: [[standard], [standard], [standard, resistant]]\nindependent: false\n")
    )
    assert shape == Shape(turns=(("standard",), ("standard",), ("standard", "resistant")), independent=False)
    assert shape.size == 4
    assert read_shape(written(tmp_path, "")) == Shape()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("turns: [[standard], [standard], [rude, logical]]", "turn 2: unknown prompt 'rude'"),
        ("turns: [[standard], [standard], [logical, logical]]", "turn 2: expected at least one prompt, each once"),
        ("turns: [[standard], [], [logical, emotional]]", "turn 1: expected at least one prompt"),
        ("turns: [[standard, logical], [standard], [logical, emotional]]", "turn 0: expected one prompt"),
        ("turns: [[standard], [standard]]", "at least 3 items"),
        ("turns: [[standard], [standard], [resistant]]", "no siblings, no pairs"),
        ("depth: 3", "field 'depth': unknown key"),
        ("[1", "broken YAML"),
    ],
)
def test_a_shape_that_cannot_work_is_refused_with_its_file(tmp_path, text, told):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as error:
        read_shape(path)
    assert told in str(error.value) and str(path) in str(error.value)


def test_every_role_has_a_text_and_no_text_holds_an_answer():
    texts = prompts()["roles"]
    assert roles() == ("standard", "acceptant", "resistant", "emotional", "credibility", "logical")
    words = {word.strip(",.:;").lower() for text in texts.values() for word in text.split()}
    assert not words & {"yes", "no", "true", "false"}, "the control agents look for answers behind the frame"
