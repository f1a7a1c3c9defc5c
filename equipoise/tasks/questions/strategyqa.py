"""StrategyQA (Geva et al. 2021, arXiv 2101.02235): yes/no questions of common sense, from the authors' JSON file.

The file is not shipped: `dev.json` of github.com/eladsegal/strategyqa at commit 1ba1e97 (MIT) holds 229 questions.
"""

from equipoise.tasks.questions.foreign import load_records
from equipoise.tasks.questions.schema import Item


def load_strategyqa(source: str) -> list[Item]:
    """Items of a StrategyQA file.

    Raises:
        InputError: No such file, or one that does not fit.
    """
    return load_records(f"{source}?id=qid&boolean=yes&domain=strategyqa")
