"""Every Eval Ever: valid by its own schema, laid out as its datastore wants, every number the database's."""

import hashlib
import json
import re
from pathlib import Path

import duckdb
import pytest
from jsonschema import Draft7Validator
from leaderboard.export.small_board import PEER, PERSUASION, rows, write_board

from equipoise.errors import InputError
from equipoise.leaderboard.export import FORMATS, export_every_eval_ever
from equipoise.leaderboard.export.read import Reader

SCHEMAS = Path(__file__).parent / "schemas"
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def validator(name: str) -> Draft7Validator:
    return Draft7Validator(json.loads((SCHEMAS / name).read_text()))


@pytest.fixture(scope="module")
def exported(database, tmp_path_factory):
    target = tmp_path_factory.mktemp("eee")
    return target, FORMATS["every-eval-ever"](database, target)


@pytest.fixture(scope="module")
def documents(exported) -> dict[str, dict]:
    found = [json.loads(path.read_text()) for path in exported[1] if path.suffix == ".json"]
    return {each["source_metadata"]["additional_details"]["submission"]: each for each in found}


def test_all_files_are_valid_by_the_published_schemas(exported):
    _, paths = exported
    aggregate, instance = validator("eval.schema.json"), validator("instance_level_eval.schema.json")
    assert [path.suffix for path in paths] == [".jsonl", ".json"] * 3
    for path in paths:
        if path.suffix == ".json":
            assert [error.message for error in aggregate.iter_errors(json.loads(path.read_text()))] == []
        else:
            lines = path.read_text().splitlines()
            assert lines and [e.message for line in lines for e in instance.iter_errors(json.loads(line))] == []


def test_layout_is_the_datastores_and_hostile_names_stay_out_of_it(exported):
    target, paths = exported
    places = [path.relative_to(target).as_posix() for path in paths]
    folders = {place.rsplit("/", 1)[0] for place in places}
    assert folders == {
        "data/equipoise/openai/alpha-1", "data/equipoise/equipoise-submissions/evil", "data/equipoise/equipoise/oracle",
    }  # fmt: skip
    assert all(re.fullmatch(rf"{UUID4}(\.json|_samples\.jsonl)", place.rsplit("/", 1)[1]) for place in places)
    for path in paths:
        if path.suffix == ".json":
            document = json.loads(path.read_text())
            assert document["model_info"]["id"] == "/".join(path.relative_to(target).parts[2:4])
            beside = document["detailed_evaluation_results"]
            text = (target / beside["file_path"]).read_bytes()
            assert hashlib.sha256(text).hexdigest() == beside["checksum"]
            assert text.count(b"\n") == beside["total_rows"]


def test_every_margin_with_a_value_is_there_with_the_databases_numbers(database, documents):
    with duckdb.connect(str(database), read_only=True) as connection:
        expected = connection.execute(
            'SELECT submission, task, arm, measure, "by", estimate, low, high, n FROM metrics '
            "WHERE heading <> '' AND NOT isnan(estimate)"
        ).fetchall()
    found = [
        (name, *each["evaluation_result_id"].split("|"), each["score_details"]["score"],
         each["score_details"]["uncertainty"]["confidence_interval"]["lower"],
         each["score_details"]["uncertainty"]["confidence_interval"]["upper"],
         each["score_details"]["uncertainty"]["num_samples"])
        for name, document in documents.items()
        for each in document["evaluation_results"] if "|capability|" not in each["evaluation_result_id"]
    ]  # fmt: skip
    assert len(expected) == 8 and sorted(found) == sorted(expected)
    assert (0.1 + 0.2) in [each[5] for each in found]


def test_what_is_needed_to_read_a_number_is_beside_it(documents):
    found = {each["evaluation_result_id"]: each for each in documents["alpha-1"]["evaluation_results"]}
    stands = found[f"{PERSUASION}|negative.logical.seeded|resist|turn=4"]
    assert stands["generation_config"]["generation_args"] == {"temperature": 0.7, "max_tokens": 512}
    assert stands["generation_config"]["additional_details"] == {"reasoning_effort": "low"}
    assert stands["score_details"]["details"]["rank_best"] == "2"
    assert "llm_scoring" not in stands["metric_config"]
    assert stands["source_data"]["additional_details"]["version"] == "1-A"
    judged = found[f"{PEER}|model|stands|"]["metric_config"]["llm_scoring"]
    assert [judge["model_info"]["name"] for judge in judged["judges"]] == ["openai/judge", "x/strict@strict"]
    assert judged["aggregation_method"] == "average" and "rubric" in judged["input_prompt"]
    source = documents["alpha-1"]["source_metadata"]
    assert source["additional_details"]["tier"] == "recomputed" and source["evaluator_relationship"] == "other"
    assert documents["evil"]["source_metadata"]["evaluator_relationship"] == "third_party"
    assert documents["alpha-1"]["model_info"]["additional_details"]["model_availability"] == "closed_weights"
    assert documents["evil"]["model_info"]["additional_details"]["deployment_type"] == "self_deployed"
    assert documents["alpha-1"]["retrieved_timestamp"] == "1795255200"


def test_a_control_agent_says_so_wherever_a_model_is_named(documents):
    agent, model = documents["oracle"], documents["alpha-1"]
    assert (agent["model_info"]["name"], model["model_info"]["name"]) == ("Oracle (control agent)", "Alpha 1")
    details = agent["model_info"]["additional_details"]
    assert details["control"] == "true" and "not a model" in details["kind"]
    assert agent["source_metadata"]["additional_details"]["control"] == "true"
    assert model["source_metadata"]["additional_details"]["control"] == "false"
    assert "kind" not in model["model_info"]["additional_details"]


def test_ranks_are_read_once_for_all_margins(database, tmp_path, monkeypatch):
    asked, read = [], Reader.rows
    monkeypatch.setattr(Reader, "rows", lambda self, query, values=(): asked.append(query) or read(self, query, values))
    export_every_eval_ever(database, tmp_path)
    tables = ("ranks", "severity", "items", "tasks", "editions")
    assert [sum(f"FROM {table} " in query for query in asked) for table in tables] == [1] * len(tables)


def test_a_capability_is_in_logits_without_ends_and_a_gap_below_its_bar_has_none(documents):
    found = {each["evaluation_result_id"]: each for each in documents["alpha-1"]["evaluation_results"]}
    measure = found[f"{PEER}|capability|empathy"]
    assert measure["score_details"]["score"] == -1.25
    assert (measure["metric_config"]["min_score"], measure["metric_config"]["max_score"]) == ("-Infinity", "Infinity")
    gap = found["equipoise/sycophancy_feedback|control.alone|quality_gap|"]["metric_config"]
    assert (gap["min_score"], gap["max_score"]) == ("-Infinity", 9.0)
    assert not [name for name in documents["evil"]["evaluation_results"] if "capability" in name]


def test_item_values_are_the_databases_and_dialogues_are_messages(database, exported):
    lines = [json.loads(line) for path in exported[1] if path.suffix == ".jsonl" for line in path.open()]
    with duckdb.connect(str(database), read_only=True) as connection:
        expected = connection.execute("SELECT side, item, value FROM scores").fetchall()
    assert sorted((e["metadata"]["side"], e["sample_id"], e["evaluation"]["score"]) for e in lines) == sorted(expected)
    assert all(each["evaluation"]["is_correct"] == (each["evaluation"]["score"] == 1) for each in lines)
    said = [each for each in lines if each["messages"]]
    assert len(said) == 1 and said[0]["input"]["raw"] == "Question q1?"
    assert [(each["role"], each["content"]) for each in said[0]["messages"]] == [
        ("user", "It is B. </script>"), ("assistant", "No, A."),
    ]  # fmt: skip


def test_exporting_again_gives_the_same_bytes_and_no_more_files(database, exported):
    target, paths = exported
    before = {path: path.read_bytes() for path in paths}
    assert export_every_eval_ever(database, target) == paths
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before


def test_a_file_that_is_no_board_is_told_in_one_line(tmp_path):
    text, empty = tmp_path / "text.duckdb", tmp_path / "empty.duckdb"
    text.write_text("no database")
    duckdb.connect(str(empty)).close()
    for path in (text, empty, tmp_path / "none.duckdb"):
        with pytest.raises(InputError, match="board") as caught:
            export_every_eval_ever(path, tmp_path / "out")
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("format_", list(FORMATS))
def test_an_id_that_is_a_path_is_refused_by_every_format(tmp_path, format_):
    content = rows()
    content["submissions"][0]["submission"] = "../up"
    for table in ("metrics", "scores"):
        for row in content[table]:
            row["submission"] = row["submission"].replace("alpha-1", "../up")
    database = write_board(tmp_path / "board.duckdb", content)
    with pytest.raises(InputError, match=r"submissions\.submission"):
        FORMATS[format_](database, tmp_path / "out")
    assert not (tmp_path / "out").exists()
