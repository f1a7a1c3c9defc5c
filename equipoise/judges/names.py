"""The names of judges: a model, and a strictness unless it is neutral."""

from equipoise.judges.prompt import strictnesses


def split_name(judge: str) -> tuple[str, str]:
    """Model and strictness of a judge's name such as `openai/gpt-5-mini@strict`."""
    model, _, strictness = judge.rpartition("@")
    return (model, strictness) if model and strictness in strictnesses() else (judge, "neutral")


def model_of(judge: str) -> str:
    """The model in a judge's name."""
    return split_name(judge)[0]
