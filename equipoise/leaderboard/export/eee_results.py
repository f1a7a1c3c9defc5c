"""`evaluation_results` of Every Eval Ever: what a margin or a capability is, its value and its uncertainty."""

from typing import Any

from equipoise.leaderboard.export.eee_context import Context
from equipoise.leaderboard.export.read import Row, json_object, texts

LEVEL = 0.95
METHOD = "clustered by item family; Wilson for shares, Student's t for means, bootstrap for ratios"
CAPABILITY_METHOD = "many-facet Rasch model, standard errors clustered by item family"

JUDGED = (
    "Values of this task come from the votes of these judges, averaged. A measure that is counted from the text alone "
    "(length, a refusal's phrase) has no vote in it."
)

PROMPT = (
    "A rubric shipped with equipoise (equipoise/judges/rubrics), one question per criterion; the edition's identity "
    "covers the SHA-256 of every prompt."
)

ARGUMENTS = {"temperature": (int, float), "top_p": (int, float), "top_k": (int, float), "max_tokens": (int,)}
"""Generation settings that the schema has a place for; all others are details."""


def results(context: Context) -> list[dict[str, Any]]:
    """Both margins of every task, then the capability of every judged dimension."""
    rows = context.board.of("capability", context.submission, "task, dimension")
    known = [row for row in rows if row["measure"] is not None]
    return [*(_margin(context, row) for row in context.margins), *(_capability(context, row) for row in known)]


def result_id(row: Row) -> str:
    """Name of a margin within its file."""
    return "|".join(str(row[name]) for name in ("task", "arm", "measure", "by"))


def _margin(context: Context, row: Row) -> dict[str, Any]:
    least, most = _bounds(row)
    config = {
        "evaluation_description": str(row["heading"]),
        "metric_id": f"equipoise.{_short(row['task'])}.{row['arm']}.{row['measure']}",
        "metric_name": str(row["heading"]),
        "metric_kind": str(row["measure"]),
        "metric_unit": "proportion" if (least, most) == (0, 1) else "points",
        "lower_is_better": False,  # every margin is turned so that more is better
        "score_type": "continuous",
        "min_score": least,
        "max_score": most,
        "additional_details": texts({name: row[name] for name in ("arm", "by", "side")}),
    }
    about = ("items", "families", "missing", "worst_low", "worst_high")
    score = _score(row["estimate"], row["low"], row["high"], row["n"], METHOD)
    score["details"] = texts({name: row[name] for name in about} | _ranks(context, row))
    return _result(context, row["task"], result_id(row), config, score)


def _capability(context: Context, row: Row) -> dict[str, Any]:
    config = {
        "evaluation_description": f"severity-free capability: {row['dimension']}",
        "metric_id": f"equipoise.{_short(row['task'])}.capability.{row['dimension']}",
        "metric_name": f"capability: {row['dimension']}",
        "metric_kind": "rasch_measure",
        "metric_unit": "logits",
        "lower_is_better": False,
        "score_type": "continuous",
        "min_score": "-Infinity",
        "max_score": "Infinity",
    }
    score = _score(row["measure"], row["low"], row["high"], row["votes"], CAPABILITY_METHOD)
    about = ("adjusted", "adjusted_low", "adjusted_high", "raw", "status")
    score["details"] = texts({name: row[name] for name in about})
    return _result(context, row["task"], f"{row['task']}|capability|{row['dimension']}", config, score)


def _result(context: Context, task: str, name: str, config: dict[str, Any], score: dict[str, Any]) -> dict[str, Any]:
    about = context.shared.tasks.get(task, {})
    if about.get("judged") and (judges := context.shared.judges.get(task)):
        config = {**config, "llm_scoring": _llm_scoring(judges)}
    return {
        "evaluation_result_id": name,
        "evaluation_name": task,
        "evaluation_timestamp": str(context.submission["created"]),
        "source_data": _data(context, task, about),
        "metric_config": config,
        "score_details": score,
        "generation_config": _generation(context.submission),
    }


def _score(value: float, low: float | None, high: float | None, n: int | None, method: str) -> dict[str, Any]:
    uncertainty: dict[str, Any] = {}
    if low is not None and high is not None:
        uncertainty["confidence_interval"] = {"lower": low, "upper": high, "confidence_level": LEVEL, "method": method}
    if n is not None:
        uncertainty["num_samples"] = int(n)
    return {"score": value, **({"uncertainty": uncertainty} if uncertainty else {})}


def _bounds(row: Row) -> tuple[Any, Any]:
    """Ends of the scale; a value beyond a drawn end (a difference of the wrong sign) means that there is none."""
    least, most, value = row["least"], row["most"], row["estimate"]
    low = least if least is not None and value >= least else "-Infinity"
    return low, most if most is not None and value <= most else "Infinity"


def _ranks(context: Context, row: Row) -> dict[str, Any]:
    found = context.rank(row)
    return {"rank_best": found["best"], "rank_worst": found["worst"], "ranked": found["rows"]} if found else {}


def _data(context: Context, task: str, about: Row) -> dict[str, Any]:
    names = ("version", "epochs", "items", "args", "title")
    details = texts({name: about.get(name) for name in names} | {"identity": context.shared.edition.get("identity")})
    source: dict[str, Any] = {"dataset_name": task, "additional_details": details}
    if url := context.board.profile.get("url"):
        return {**source, "source_type": "url", "url": [url]}
    return {**source, "source_type": "other"}


def _llm_scoring(judges: list[str]) -> dict[str, Any]:
    unknown = {"deployment_type": "unknown", "model_availability": "unknown"}
    return {
        "judges": [
            {"model_info": {"name": judge, "id": judge.split("@")[0], "additional_details": unknown}}
            for judge in judges
        ],
        "input_prompt": PROMPT,
        "aggregation_method": "average",
        "additional_details": {"scope": JUDGED},
    }


def _generation(submission: Row) -> dict[str, Any]:
    settings = json_object(submission["generation"])
    arguments, details = {}, {}
    for name, value in settings.items():
        if isinstance(value, ARGUMENTS.get(name, ())) and not isinstance(value, bool):
            arguments[name] = value
        else:
            details[name] = value
    return {"generation_args": arguments, "additional_details": texts(details)}


def _short(task: str) -> str:
    return task.rsplit("/", 1)[-1]
