"""Question items that several task families share: schema, loaders, validator, answer matching."""

from equipoise.tasks.questions.asked import PROBES, Asked, ask, in_hash_order
from equipoise.tasks.questions.farm import FARM, load_farm
from equipoise.tasks.questions.key import publish_key
from equipoise.tasks.questions.load import SHIPPED, load_items
from equipoise.tasks.questions.matching import (
    Label,
    Match,
    match_boolean,
    match_letter,
    match_open,
    normalise,
)
from equipoise.tasks.questions.options import Choice, balanced, in_file_order, lettered, right_positions
from equipoise.tasks.questions.reading import MISLED, SHORT, Belief, read, short_answer
from equipoise.tasks.questions.schema import TECHNIQUES, Direction, Item, content_hash
from equipoise.tasks.questions.validate import Problem, validate_file

__all__ = [
    "FARM",
    "MISLED",
    "PROBES",
    "SHIPPED",
    "SHORT",
    "TECHNIQUES",
    "Asked",
    "Belief",
    "Choice",
    "Direction",
    "Item",
    "Label",
    "Match",
    "Problem",
    "ask",
    "balanced",
    "content_hash",
    "in_file_order",
    "in_hash_order",
    "lettered",
    "load_farm",
    "load_items",
    "match_boolean",
    "match_letter",
    "match_open",
    "normalise",
    "publish_key",
    "read",
    "right_positions",
    "short_answer",
    "validate_file",
]
