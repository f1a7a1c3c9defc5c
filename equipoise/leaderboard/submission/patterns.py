"""What keys and tokens look like.

Well-kept scanners (detect-secrets, gitleaks) look for them in source code, line by line: they report that a line holds
one, not where it begins and ends, and lack most providers of models. Here a text is kept but for the secret, so a rule
says exactly what is taken out; and texts of models must stay as they are, so no rule is met by prose.
"""

import re
from itertools import pairwise
from typing import NamedTuple

START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-F]{2}))"
"""Not inside a word; what follows an escaped line break, or an escape in a URL, is a start, too."""


class Rule(NamedTuple):
    r"""One form of secret.

    Attributes:
        kind: What it is called in the report.
        hints: A text without any of these, in lower case, is not searched.
        pattern: The group `secret` is taken out; without one, the whole match.
        random: Whether the secret must look random: words and dates are none.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    random: bool = False


def _rule(kind: str, hints: str, pattern: str, random: bool = False) -> Rule:
    return Rule(kind, tuple(hints.split()), re.compile(pattern), random)


_NAMES = (
    r"(?:api|secret|access|private|account|encryption|auth|subscription)[_-]?key|secret[_-]?access[_-]?key"
    r"|(?:access|auth|api|bearer|refresh|session|id|bot|hub|hf)[_-]?token|client[_-]?secret|x-goog-api-key"
    r"|password|passwd|passphrase|authorization|credentials?"
)
"""Names of settings that hold secrets; what stands before them (`OPENAI_`, `x-`) does not matter."""

_PRIVATE = r"(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"

RULES = (
    _rule(
        "private-key",
        "-----begin",
        rf"-----BEGIN {_PRIVATE}(?:(?:(?!-----)[\s\S]){{0,20000}}-----END {_PRIVATE}"
        r"|(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{40,})+)",
    ),
    _rule("url-password", "://", r"://(?P<secret>[^\s/:@\"'<>\\]+:[^\s/@\"'<>\\]+)@"),
    _rule("anthropic-key", "sk-ant-", START + r"sk-ant-[A-Za-z0-9_-]{16,}"),
    _rule("openai-key", "sk-", START + r"sk-(?=[A-Za-z0-9_-]*[A-Za-z0-9]{10})[A-Za-z0-9_-]{20,}", random=True),
    _rule("huggingface-token", "hf_ api_org_", START + r"(?:hf_|api_org_)[A-Za-z0-9]{30,}"),
    _rule("google-key", "aiza ya29. gocspx-", START + r"(?:AIza[A-Za-z0-9_-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})"),
    _rule("aws-key", "akia asia abia acca", START + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _rule(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        START + r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})",
    ),
    _rule("gitlab-token", "glpat-", START + r"glpat-[A-Za-z0-9_-]{20,}"),
    _rule("slack-token", "xox", START + r"xox[abeoprs]-(?=[A-Za-z0-9-]*\d)[A-Za-z0-9-]{10,}"),
    _rule("slack-token", "hooks.slack.com", r"hooks\.slack\.com/services/(?P<secret>[A-Za-z0-9_/]{20,})"),
    _rule("groq-key", "gsk_", START + r"gsk_[A-Za-z0-9]{20,}"),
    _rule(
        "provider-key",
        "xai- r8_ pplx- nvapi- csk- tgp_v1_ npm_ pypi- dop_v1_ _live_ wandb_v1_ sg.",
        START + r"(?:xai-[A-Za-z0-9]{40,}|r8_[A-Za-z0-9]{30,}|pplx-[A-Za-z0-9]{30,}|nvapi-[A-Za-z0-9_-]{40,}"
        r"|csk-[A-Za-z0-9]{30,}|tgp_v1_[A-Za-z0-9_-]{30,}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}"
        r"|dop_v1_[a-f0-9]{40,}|[sr]k_live_[A-Za-z0-9]{20,}|wandb_v1_[A-Za-z0-9_]{40,}"
        r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})",
    ),
    _rule("jwt", "eyj", START + r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?"),
    _rule("bearer-token", "bearer", r"(?i)\bbearer(?:\s|%20|\+)+(?P<secret>[A-Za-z0-9._~+/-]{16,}={0,2})", random=True),
    _rule(
        "bearer-token",
        "authorization",
        r"(?i)authorization\\*[\"']?\s*[:=,]\s*\\*[\"']?(?:basic|token|key)\s+(?P<secret>[A-Za-z0-9._~+/-]{8,}={0,2})",
    ),
    _rule("url-signature", "sig=", r"[?&]sig=(?P<secret>[A-Za-z0-9%+/_-]{30,}={0,2})"),
    _rule(
        "named-secret",
        "key token secret passw passphrase authorization credential",
        rf"(?i)(?:{_NAMES})\\*[\"'`]?\s{{0,3}}(?:[:=]|=>)\s{{0,3}}(?:[bruf]?\\*[\"'`])?"
        r"(?P<secret>[A-Za-z0-9_.~+/@!#$%^*-]{12,}={0,2})",
        random=True,
    ),
)

SURE_KEY = re.compile(
    r"(?i).*(?:(?:api|secret|access|private|account|subscription)[_-]?key|password|passwd|passphrase|authorization"
    r"|client[_-]?secret)"
)
"""Keys of JSON objects whose text, if it is one word, is a secret whatever it looks like."""

LIKELY_KEY = re.compile(rf"(?i).*(?:{_NAMES}|token|secret|bearer|cookie)")
"""Keys whose text is a secret if it looks random: a `token` may be a word of a model's vocabulary."""

PLACEHOLDERS = {
    "changeme", "disabled", "enabled", "not-needed", "not-used", "not_needed", "notneeded", "optional", "password",
    "placeholder", "required", "undefined", "unlimited", "your-api-key", "your_api_key",
}  # fmt: skip
"""Values of settings that are words, and no secrets."""


def is_random(text: str) -> bool:
    """Whether a word looks like a key: letters and digits mixed, not words, a date or a path with a number in it."""
    body = text.rstrip("=")
    if len(body) < 12 or text.startswith(("http", "/", "./", "~/")):
        return False
    digits = sum(c.isdigit() for c in body)
    letters = sum(c.isalpha() for c in body)
    switches = sum(one.isdigit() != two.isdigit() and one.isalnum() and two.isalnum() for one, two in pairwise(body))
    return digits >= 2 and letters >= 2 and switches >= 2
