"""Folders of models in the datastore: the developer's and the model's own names where these can be folders."""

import pytest

from equipoise.leaderboard.export.identity import model_id


@pytest.mark.parametrize(
    ("model", "url", "expected"),
    [
        ("openai/gpt-4o", "", "openai/gpt-4o"),
        ("openai/azure/gpt-4o", "", "openai/gpt-4o"),
        ("vllm/Qwen/Qwen3-8B", "", "Qwen/Qwen3-8B"),
        ("local", "https://huggingface.co/Qwen/Qwen3-8B", "Qwen/Qwen3-8B"),
        ("local", "https://example.org/a/b", "equipoise-submissions/mine"),
        ("a/..", "", "equipoise-submissions/mine"),
        ("a/con.txt", "", "equipoise-submissions/mine"),
        ("data/b", "", "equipoise-submissions/mine"),
        ("a/b.", "", "equipoise-submissions/mine"),
        ("a/b c", "", "equipoise-submissions/mine"),
        ("x", "https://huggingface.co/../..", "equipoise-submissions/mine"),
    ],
)
def test_model_id(model, url, expected):
    assert model_id({"model": model, "url": url, "submission": "mine"}) == expected


def test_ids_that_no_folder_may_have():
    assert model_id({"model": "", "url": "", "submission": "con."}) == "equipoise-submissions/id-con"
