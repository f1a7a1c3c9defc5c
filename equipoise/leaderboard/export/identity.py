"""What a submission's model is called where models are filed as `developer/model`."""

import hashlib
import re
import uuid

from equipoise.leaderboard.export.read import Row

HUB = re.compile(r"https?://huggingface\.co/([^/?#]+)/([^/?#]+)/?")
PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

SERVICES = ("azure", "bedrock", "vertex")
"""Inspect names a cloud between the provider and the model: `openai/azure/gpt-4o`."""

LOCAL = ("equipoise", "hf", "llama-cpp-python", "local", "mlx", "none", "ollama", "sglang", "transformer_lens", "vllm")
"""Providers that run a model on one's own machine."""

RESERVED = re.compile(r"(con|prn|aux|nul|data|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that a file system or the datastore keeps to itself."""

NAMELESS = "equipoise-submissions"
"""Developer of a model whose own name cannot be part of a path."""


def model_id(submission: Row) -> str:
    """`developer/model`, both fit to be folders; the submission's own id where the model's name is not."""
    found = HUB.fullmatch(str(submission["url"] or ""))
    parts = list(found.groups()) if found else str(submission["model"]).split("/")
    if len(parts) > 1 and all(_is_folder(part) for part in parts):
        first = parts[0] if parts[1] in SERVICES else parts[-2]
        return f"{first}/{parts[-1]}"
    name = str(submission["submission"]).rstrip(".")
    return f"{NAMELESS}/{name}" if _is_folder(name) else f"{NAMELESS}/id-{name}"


def file_id(*parts: str) -> str:
    """A UUID of version 4's form that is the same whenever the parts are."""
    return str(uuid.UUID(bytes=hashlib.sha256("\n".join(parts).encode()).digest()[:16], version=4))


def deployment(submission: Row) -> dict[str, str]:
    """Who ran the model, and whether its weights can be had, in the words of Every Eval Ever."""
    access, provider = str(submission["access"]), str(submission["provider"])
    own = provider in LOCAL or access == "scripted"
    ran = "self_deployed" if own else "externally_managed" if provider or access == "api" else "unknown"
    weights = {"open": "open_weights", "api": "closed_weights", "closed": "closed_weights"}.get(access, "unknown")
    return {"deployment_type": ran, "model_availability": weights}


def _is_folder(name: str) -> bool:
    return bool(PART.fullmatch(name)) and not name.endswith(".") and not RESERVED.fullmatch(name)
