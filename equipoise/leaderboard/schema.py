"""Tables of `board.duckdb`. Text is empty where something is unknown, numbers are NULL."""

TEXT, REAL, WHOLE, FLAG = "VARCHAR", "DOUBLE", "INTEGER", "BOOLEAN"


def _columns(**names: str) -> dict[str, str]:
    """Columns by name with their type; each argument lists names, its key says the type and where they stand."""
    kinds = {"t": TEXT, "r": REAL, "i": WHOLE, "b": FLAG}
    return {name: kinds[key[0]] for key, listed in names.items() for name in listed.split()}


TABLES: dict[str, dict[str, str]] = {
    "board": _columns(t="key value"),
    "editions": _columns(t="edition", i="position", t2="opened identity", b="current", t3="title spec frozen"),
    "tasks": _columns(t="edition task title version", i="epochs items", t2="args", b="judged"),
    "submissions": _columns(
        t="edition submission model name organisation provider revision weights_sha256 access url license tier "
        "configuration",
        b="control", t2="contact", i="attempts private_variants",
        t3="trained_on_items training_data notes generation equipoise inspect_ai commit dirty created added votes_by "
        "digest",
    ),
    "files": _columns(t="submission file sha256"),
    "metrics": _columns(
        t="edition submission task arm measure by", r="estimate low high", i="n missing items families",
        r2="worst_low worst_high", b="headline", t2="heading side", r3="most least",
    ),
    "scores": _columns(t="edition submission task side item family", r="value", t2="by"),
    "counts": _columns(
        t="edition submission task", i="answers answered unparsed refused limited failed not_reached"
    ),
    "ranks": _columns(t="edition task side heading submission", r="estimate", i="best worst rows", t2="by"),
    "capability": _columns(
        t="edition task dimension submission", r="measure low high adjusted adjusted_low adjusted_high raw",
        i="votes", t2="status reason",
    ),
    "severity": _columns(
        t="edition task dimension judge", r="severity low high infit outfit", i="votes", t2="status"
    ),
    "agreement": _columns(t="edition task measure", i="judges units", t2="statistic", r="estimate low high"),
    "items": _columns(
        t="edition task side item family text", i="n", r="mean difficulty discrimination", t2="by"
    ),
    "links": _columns(t="edition task dimension facet", i="common displaced", b="good", t2="text"),
    "transcripts": _columns(t="edition submission task item arm", i="epoch", t2="lines"),
    "events": _columns(i="seq", t="time kind edition submission note hash"),
}  # fmt: skip
"""Columns of every table with their types, in order."""


def definition(table: str) -> str:
    """The statement that makes a table."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in TABLES[table].items())
    return f'CREATE TABLE "{table}" ({columns})'
