"""Names of models and tasks as people read them."""


def bare_name(name: str) -> str:
    """A model's or task's name without its provider or package.

    Training saves a checkpoint as `FOLDER/model`: `hf/runs/mine/model` is `mine`.
    """
    named = name.removesuffix("/model") if name.startswith("hf/") else name
    return named.rsplit("/", 1)[-1] or name
