"""Hostile submissions: what is wrong with them shows in their files, before any log is read."""

import json
import os
import zipfile

from leaderboard.submitted import bomb, file_of, merged, write_manifest, zipped

from equipoise.leaderboard.manifest import MANIFEST_FILE

SCRIPT = "<script>alert(1)</script>"
KINDS: dict[str, tuple] = {}
"""Name -> (how to make it from a board's ground and a new folder, words that its refusal must hold)."""


def kind(name, *words):
    def register(make):
        KINDS[name] = (make, words)
        return make

    return register


def told(folder):
    return json.loads((folder / MANIFEST_FILE).read_text())


def manifest_kind(name, words, **changes):
    """A manifest with a field that does not fit."""

    @kind(name, *words)
    def make(ground, folder):
        return ground.submission(folder, **changes)


manifest_kind("script in a link", [MANIFEST_FILE, "model.url", "match pattern"], model__url="javascript:alert(1)")
manifest_kind("markup in a link", ["model.url", "match pattern"], model__url="https://a.b/<img src=x onerror=alert(1)>")
manifest_kind("bidi marks in the name", ["model.name", "U+202E"], model__name="GPT\u202e-4")
manifest_kind("control characters in the name", ["model.name", "U+001B"], model__name="GPT\x1b[2J")
manifest_kind("zero-width characters in the contact", ["contact", "U+200B"], contact="@some\u200bbody")
manifest_kind("a name of blank letters", ["model.name", "U+3164"], model__name="\u3164\u3164")
manifest_kind("a name of spaces", ["model.name", "at least 1 character"], model__name="   ")
manifest_kind("accents upon accents", ["model.name", "U+0301"], model__name="a" + "\u0301" * 50)
manifest_kind("two lines in a name", ["model.name", "one line"], model__name="GPT-4\nGPT-5")
manifest_kind("a name that never ends", ["model.name", "at most 200"], model__name="x" * 201)
manifest_kind("notes that never end", ["disclosure.notes", "at most 4000"], disclosure__notes="x" * 4001)
manifest_kind("a null character in the notes", ["disclosure.notes", "U+0000"], disclosure__notes="a\x00b")
manifest_kind("a huge whole number", ["disclosure.attempts", "1000000"], disclosure__attempts=10**400)
manifest_kind("a huge setting", ["generation.max_tokens"], generation={"max_tokens": 10**400})
manifest_kind("no attempts", ["disclosure.attempts", "greater than or equal to 1"], disclosure__attempts=0)
manifest_kind("a number as text", ["disclosure.attempts", "valid integer"], disclosure__attempts="1")
manifest_kind("a score of its own", ["scores", "unknown field"], scores={"persuasion": 1.0})
manifest_kind("another edition", ["edition", "expected '2026.1', found '2027.1'"], edition="2027.1")
manifest_kind("another board", ["board", "expected 'small', found 'theirs'"], board="theirs")
manifest_kind("a version that did not run it", ["code.inspect_ai", "the manifest says '0.4'"], code__inspect_ai="0.4")
manifest_kind("local changes denied", ["code.commit", "the manifest says 'abc'"], code__commit="abc")
manifest_kind("settings that were not used", ["generation", "the manifest says"], generation={"temperature": 0.123})
manifest_kind("another model", ["eval.model", "expected 'equipoise/best'"], model__model="equipoise/best")
manifest_kind(
    "a file with ..",
    ["files.0.path", "match pattern"],
    files=[{"path": "../board.yaml", "bytes": 1, "sha256": "0" * 64}],
)
manifest_kind("an absolute file", ["files.0.path"], files=[{"path": "/etc/passwd", "bytes": 1, "sha256": "0" * 64}])
manifest_kind(
    "a file with a backslash", ["files.0.path"], files=[{"path": "logs\\0.eval", "bytes": 1, "sha256": "0" * 64}]
)
manifest_kind(
    "a file of another kind", ["files.0.path"], files=[{"path": "logs/run.py", "bytes": 1, "sha256": "0" * 64}]
)
manifest_kind(
    "a file of 10 GB", ["files.0.bytes"], files=[{"path": "logs/0.eval", "bytes": 10**10, "sha256": "0" * 64}]
)
manifest_kind(
    "a file of 900 MB",
    ["files.0", "larger than 512,000,000"],
    files=[{"path": "logs/0.eval", "bytes": 9 * 10**8, "sha256": "0" * 64}],
)


def raw_manifest(name, text, *words):
    @kind(name, *words)
    def make(ground, folder):
        ground.submission(folder)
        (folder / MANIFEST_FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder


raw_manifest("not a number in the manifest", '{"format": NaN}', MANIFEST_FILE, "NaN is no number")
raw_manifest("infinity in the manifest", '{"format": -Infinity}', "-Infinity is no number")
raw_manifest("a number of 10,000 digits", '{"format": ' + "9" * 10_000 + "}", "is not JSON that can be read")
raw_manifest("nesting without end", "[" * 200_000, MANIFEST_FILE, "is not JSON that can be read")
raw_manifest("a manifest of 10 MB", " " * 10_000_000, MANIFEST_FILE, "has more than 1,000,000 bytes")
raw_manifest("a manifest that is not UTF-8", b'{"board": "\xff\xfe"}', MANIFEST_FILE, "is not UTF-8")
raw_manifest("half a surrogate", '{"board": "\\ud800"}', MANIFEST_FILE, "board")
raw_manifest("an empty manifest", "", MANIFEST_FILE, "is not JSON")
raw_manifest("a list as manifest", "[]", MANIFEST_FILE, "valid dictionary")


@kind("a wrong hash", "logs/0.eval", "files.0", "another SHA-256")
def _(ground, folder):
    ground.submission(folder)
    path = folder / "logs/0.eval"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    return folder


@kind("a wrong size", "logs/0.eval", "files.0", "the manifest says")
def _(ground, folder):
    ground.submission(folder)
    manifest = told(folder)
    manifest["files"][0]["bytes"] += 1
    write_manifest(folder, manifest)
    return folder


@kind("a file that is not there", "logs/0.eval", "it is not there")
def _(ground, folder):
    ground.submission(folder)
    (folder / "logs/0.eval").unlink()
    return folder


@kind("a file that is not named", "run.sh", "the manifest does not name it")
def _(ground, folder):
    ground.submission(folder)
    (folder / "run.sh").write_text("rm -rf /")
    return folder


@kind("a folder too many", "more", "is a folder")
def _(ground, folder):
    ground.submission(folder)
    (folder / "more").mkdir()
    return folder


@kind("a file named twice", "files.1.path", "names logs/0.eval twice")
def _(ground, folder):
    ground.submission(folder)
    manifest = told(folder)
    write_manifest(folder, merged(manifest, {"files": manifest["files"] * 2}))
    return folder


@kind("names that differ only in case", "files.1.path", "names logs/A.eval twice")
def _(ground, folder):
    ground.submission(folder)
    (folder / "logs/0.eval").rename(folder / "logs/a.eval")
    (folder / "logs/A.eval").write_bytes(b"x")
    manifest = told(folder)
    files = [file_of(folder / "logs" / name, folder).model_dump() for name in ("a.eval", "A.eval")]
    write_manifest(folder, merged(manifest, {"files": files}))
    return folder


@kind("a link to a file", "logs/0.eval", "is a link")
def _(ground, folder):
    ground.submission(folder)
    path = folder / "logs/0.eval"
    path.unlink()
    path.symlink_to(ground.logs["oracle"])
    return folder


@kind("a link to a folder", "logs", "is a link")
def _(ground, folder):
    ground.submission(folder)
    (folder / "logs").rename(folder.with_name("elsewhere"))
    (folder / "logs").symlink_to(folder.with_name("elsewhere"))
    return folder


@kind("a link as the manifest", MANIFEST_FILE, "is a link")
def _(ground, folder):
    ground.submission(folder)
    (folder / MANIFEST_FILE).unlink()
    (folder / MANIFEST_FILE).symlink_to("/etc/passwd")
    return folder


@kind("a pipe for a log", "logs/0.eval", "is no plain file")
def _(ground, folder):
    ground.submission(folder)
    (folder / "logs/0.eval").unlink()
    os.mkfifo(folder / "logs/0.eval")
    return folder


@kind("a pipe for a submission", "neither a folder nor a plain file")
def _(ground, folder):
    os.mkfifo(folder)
    return folder


@kind("a device for a submission", "neither a folder nor a plain file")
def _(ground, folder):
    folder.symlink_to("/dev/zero")
    return folder


@kind("nothing at all", "is not there")
def _(ground, folder):
    return folder


@kind("no zip", "no zip file")
def _(ground, folder):
    folder.write_bytes(b"MZ" + bytes(1000))
    return folder


def packed(ground, folder, **how):
    return zipped(ground.submission(folder.with_name(f"{folder.name}-of")), folder, **how)


def appended(path, name, content=b"x", mode=0o100644, method=zipfile.ZIP_DEFLATED):
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.compress_type = mode << 16, method
    with zipfile.ZipFile(path, "a") as into:
        into.writestr(entry, content)
    return path


def zip_kind(name, member, *words, **how):
    @kind(name, *words)
    def make(ground, folder):
        return appended(packed(ground, folder), member, **how)


zip_kind("a zip with ..", "../../board.yaml", "../../board.yaml", "leads elsewhere")
zip_kind("a zip with ../ in the middle", "logs/../../events.jsonl", "leads elsewhere")
zip_kind("a zip with an absolute name", "/etc/cron.d/x", "leads elsewhere")
zip_kind("a zip with a backslash", "logs\\..\\x.eval", "leads elsewhere")
zip_kind("a zip with a drive", "C:x.eval", "leads elsewhere")
zip_kind("a zip with a link", "logs/1.eval", "holds the link 'logs/1.eval'", content=b"/etc/passwd", mode=0o120777)
zip_kind("a zip with a member twice", MANIFEST_FILE, f"holds '{MANIFEST_FILE}' twice")
zip_kind("a zip with a member more", "logs/1.eval", "logs/1.eval", "the manifest does not name it")
zip_kind("a zip with a member in another case", "LOGS/0.eval", "LOGS/0.eval", "does not name it")
zip_kind("a zip with a hidden end of line", "logs/\n1.eval", "does not name it")
zip_kind("a zip packed in an unusual way", "logs/1.eval", "in an unusual way", method=zipfile.ZIP_LZMA)


@kind("a zip bomb of 1 GB", MANIFEST_FILE, "has more than 1,000,000 bytes")
def _(ground, folder):
    folder.write_bytes(bomb(MANIFEST_FILE, 1_000_000_000, 1_000_000_000))
    return folder


@kind("a zip bomb that lies", MANIFEST_FILE)
def _(ground, folder):
    folder.write_bytes(bomb(MANIFEST_FILE, 1_000_000_000, 1_000))
    return folder


@kind("a zip that lies of its sizes", "logs/0.eval", "cannot be unpacked")
def _(ground, folder):
    packed(ground, folder)
    content = bytearray(folder.read_bytes())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"logs/0.eval"))
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    folder.write_bytes(content)
    return folder


@kind("a zip behind other bytes", "no plain zip file")
def _(ground, folder):
    packed(ground, folder)
    folder.write_bytes(b"#!/bin/sh\n" + folder.read_bytes())
    return folder


@kind("a zip with bytes behind it", "bytes behind its end")
def _(ground, folder):
    packed(ground, folder)
    folder.write_bytes(folder.read_bytes() + b"more")
    return folder


@kind("a zip that is cut off", "is cut off")
def _(ground, folder):
    packed(ground, folder)
    folder.write_bytes(folder.read_bytes()[:-100])
    return folder


@kind("a zip of a million nothings", "holds", "members or more, expected at most 5,000")
def _(ground, folder):
    with zipfile.ZipFile(folder, "w") as into:
        for n in range(5_001):
            into.writestr(f"logs/{n}.eval", b"")
    return folder


@kind("votes where nobody votes", "votes.jsonl", "line 1")
def _(ground, folder):
    return ground.submission(folder, votes=['{"log": "0.eval", "sample": 1}'])


@kind("votes that are not JSON", "votes.jsonl", "line 1", "Invalid JSON")
def _(ground, folder):
    return ground.submission(folder, votes=["\udcff".encode("utf-8", "surrogateescape").decode("latin-1")])


def inert(ground, folder):
    """Script in every text field that is free: it may stay text, and must do nothing."""
    return ground.submission(
        folder, model="random", model__name=f"{SCRIPT}<b>x</b>", model__organisation=SCRIPT, model__provider=SCRIPT,
        model__revision=SCRIPT, model__license=SCRIPT, contact=SCRIPT, disclosure__training_data=SCRIPT,
        disclosure__notes=f"{SCRIPT}\n=cmd|' /C calc'!A0", scrubbed=[{"kind": SCRIPT, "count": 1}],
    )  # fmt: skip
