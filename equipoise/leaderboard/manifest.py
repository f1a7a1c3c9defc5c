"""What a submission says of itself. One source: the JSON schema and the page on submitting come from these models."""

import hashlib
import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from equipoise.errors import InputError
from equipoise.harness.metadata import equipoise_version

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog

MANIFEST_FILE = "submission.json"
LOGS, VOTES_FILE = "logs", "votes.jsonl"
"""Folder of the Inspect logs in a submission, and the file of votes that were added to finished logs."""

MOST_BYTES = 1_000_000
"""Of a manifest."""


BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Characters that count as letters or signs, and show nothing."""

MOST_MARKS = 4
"""Accents on one letter: more of them write over the lines above and below."""


def _printable(text: str) -> str:
    """No control characters (nor marks that turn the writing direction): they are there to hide something."""
    marks = 0
    for character in text:
        hidden = not character.isprintable() and character not in "\n\t "
        marks = marks + 1 if unicodedata.combining(character) else 0
        if hidden or character in BLANK or marks > MOST_MARKS:
            raise ValueError(f"expected printable text, found the character U+{ord(character):04X}")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("expected one line")
    return text


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable), AfterValidator(_one_line)
]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_printable)]
Link = Annotated[Line, StringConstraints(pattern=r"^(https?://[^\s<>\"']+)?$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class ModelCard(_Strict):
    """The model that was measured.

    Attributes:
        name: What the board shows.
        model: Inspect's name of it, as in the logs.
        organisation: Who made it.
        provider: Who served it: `local`, `vllm`, `openai`, …
        revision: Commit of the weights, or the dated name of an API's snapshot.
        weights_sha256: Of the weights' files, where they are at hand.
        access: Whether anybody can get the weights.
        url: Where it is described.
        license: Of the weights.
    """

    name: Line = Field(min_length=1)
    model: Line = Field(min_length=1)
    organisation: Line = ""
    provider: Line = ""
    revision: Line = ""
    weights_sha256: Digest | Literal[""] = ""
    access: Literal["open", "api", "closed", "scripted"]
    url: Link = ""
    license: Line = ""


class Disclosure(_Strict):
    """What logs cannot show, and a reader has to know.

    Attributes:
        attempts: Runs of this model on this edition's tasks, the submitted one included.
        private_variants: Other checkpoints or settings that were tried and are not submitted.
        trained_on_items: Whether the items of this board, or paraphrases of them, were trained on.
        training_data: What is known of the training data, in a few sentences.
        notes: Anything else.
    """

    attempts: Annotated[int, Field(ge=1, le=1_000_000)]
    private_variants: Count
    trained_on_items: Literal["no", "yes", "unknown"]
    training_data: Prose = Field(min_length=1)
    notes: Prose = ""


class Code(_Strict):
    """What the run was made with, as its logs tell it.

    Attributes:
        equipoise, inspect_ai: Versions.
        commit: Of the checkout that ran, empty outside of one.
        dirty: Whether the checkout had local changes; null outside of one.
    """

    equipoise: Line
    inspect_ai: Line
    commit: Line = ""
    dirty: bool | None = None


class File(_Strict):
    """A file of the submission.

    Attributes:
        path: Below the submission's folder, with slashes.
        bytes: Size.
        sha256: Of its content.
    """

    path: Annotated[Line, StringConstraints(pattern=r"^(logs/[A-Za-z0-9][A-Za-z0-9._+-]*\.eval|votes\.jsonl)$")]
    bytes: Count
    sha256: Digest


class Scrubbed(_Strict):
    """How many secrets of a kind were taken out of the logs."""

    kind: Line
    count: Count


class Manifest(_Strict):
    """`submission.json`: everything but the logs and votes themselves. It holds no score: scores are recomputed.

    Attributes:
        format: Version of this form.
        board, edition: What it is submitted to.
        model: What was measured.
        disclosure: What logs cannot show.
        contact: A handle or address under which the submitter answers.
        generation: Generation settings of the subject, as its logs tell them.
        code: What it was run with.
        created: Date and time, UTC, ISO 8601.
        files: All logs and votes.
        scrubbed: Secrets that were taken out.
    """

    format: Literal[1] = 1
    board: Line = Field(min_length=1)
    edition: Line = Field(min_length=1)
    model: ModelCard
    disclosure: Disclosure
    contact: Line = Field(min_length=1)
    generation: dict[Line, bool | Whole | float | Line] = Field(default_factory=dict, max_length=50)
    code: Code
    created: Annotated[Line, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)$")]
    files: Annotated[tuple[File, ...], Field(strict=False, min_length=1, max_length=2000)]
    scrubbed: Annotated[tuple[Scrubbed, ...], Field(strict=False, max_length=100)] = ()

    def text(self) -> str:
        """As JSON, indented: equal manifests have equal texts."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"

    @property
    def digest(self) -> str:
        """SHA-256 of its text."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def code_of(log: "EvalLog") -> Code:
    """What a log tells of the code that made it."""
    spec = log.eval
    return Code.model_construct(
        equipoise=equipoise_version(spec),
        inspect_ai=str(spec.packages.get("inspect_ai", "")),
        commit=spec.revision.commit if spec.revision else "",
        dirty=spec.revision.dirty if spec.revision else None,
    )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a submission's folder.

    Raises:
        InputError: There is none, it is too large, no JSON, or a field does not fit.
    """
    path = folder / MANIFEST_FILE
    try:
        if not path.is_file():  # a pipe could be read without end
            raise InputError("is no plain file, or not there; expected a submission's manifest", path=path)
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"is larger than {MOST_BYTES:,} bytes", path=path)
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected a submission's manifest", path=path) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8", path=path) from None
    return parse_manifest(text, path)


def parse_manifest(text: str, path: Path | str = MANIFEST_FILE) -> Manifest:
    """A manifest from its text.

    Raises:
        InputError: No JSON, or a field does not fit.
    """
    try:
        raw = json.loads(text, parse_constant=_no_number)
        return Manifest.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        known = first["type"] == "extra_forbidden"
        message = "unknown field" if known else first["msg"].removeprefix("Value error, ")
        raise InputError(_short(message), path=path, field=_short(field) or None) from None
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON ({error.msg})", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:  # a number beyond all bounds; nesting without end
        raise InputError(f"is not JSON that can be read ({_short(str(error))})", path=path) from None


def manifest_schema() -> dict[str, Any]:
    """The JSON schema of `submission.json`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Manifest.model_json_schema()}


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no number in JSON")


def _short(text: str) -> str:
    """For a message: one line, printable, not long."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return plain if len(plain) <= 160 else plain[:157] + "…"
