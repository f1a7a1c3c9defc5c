"""Hostile submissions: what is wrong with them shows in their logs and votes only."""

import json
import struct

from inspect_ai.model import ChatMessageSystem, ContentImage, ContentText
from leaderboard.submitted import bomb, calls, edited, lines_of_votes, operated

from equipoise.judges import VOTES

ASK: dict[str, tuple] = {}
TALK: dict[str, tuple] = {}
JUDGED: dict[str, tuple] = {}
"""Name -> (how to make it from a board's ground and a new folder, words that its refusal must hold)."""

LOG = "logs/0.eval"


def kind(kinds, name, *words):
    def register(make):
        kinds[name] = (make, words)
        return make

    return register


def by_inspect(kinds, name, *words, **manifest):
    """A log that is changed as Inspect reads and writes it."""

    def register(edit):
        def make(ground, folder):
            log = edited(ground.logs["oracle"], folder.with_name(f"{folder.name}.eval"), edit)
            return ground.submission(folder, [log], **manifest)

        kinds[name] = (make, words)
        return edit

    return register


def by_surgery(kinds, name, start, *words, more=None):
    """A log one of whose members is changed as JSON, or replaced."""

    def register(edit):
        def make(ground, folder):
            target = folder.with_name(f"{folder.name}.eval")
            return ground.submission(folder, [operated(ground.logs["oracle"], target, {start: edit}, more)])

        kinds[name] = (make, words)
        return edit

    return register


# --- the file itself ---


@kind(ASK, "a log that is no zip", LOG, "no zip file")
def _(ground, folder):
    (log := folder.with_name(f"{folder.name}.eval")).write_bytes(b"no log at all" * 10)
    return ground.submission(folder, [log])


@kind(ASK, "a truncated log", LOG, "is cut off")
def _(ground, folder):
    content = ground.logs["oracle"].read_bytes()
    (log := folder.with_name(f"{folder.name}.eval")).write_bytes(content[: len(content) // 2])
    return ground.submission(folder, [log])


@kind(ASK, "an empty log", LOG, "no zip file")
def _(ground, folder):
    (log := folder.with_name(f"{folder.name}.eval")).write_bytes(b"")
    return ground.submission(folder, [log])


@kind(ASK, "a log that is damaged inside", LOG)
def _(ground, folder):
    content = bytearray(ground.logs["oracle"].read_bytes())
    content[len(content) // 3 : len(content) // 3 + 200] = bytes(200)
    (log := folder.with_name(f"{folder.name}.eval")).write_bytes(content)
    return ground.submission(folder, [log])


def bomb_kind(name, stated):
    @kind(ASK, name, LOG, "samples/x_epoch_1.json", "unpacks to more than 64,000,000 bytes")
    def _(ground, folder):
        (log := folder.with_name(f"{folder.name}.eval")).write_bytes(
            bomb("samples/x_epoch_1.json", 1_000_000_000, stated)
        )
        return ground.submission(folder, [log])


bomb_kind("a log that is a bomb of 1 GB", 1_000_000_000)
bomb_kind("a bomb that lies of its size", 1_000)


@kind(ASK, "a log that lies of its sizes", LOG, "its zip says 10")
def _(ground, folder):
    content = bytearray(ground.logs["oracle"].read_bytes())
    content[(at := content.rindex(b"PK\x01\x02")) + 24 : at + 28] = struct.pack("<I", 10)
    (log := folder.with_name(f"{folder.name}.eval")).write_bytes(content)
    return ground.submission(folder, [log])


@kind(ASK, "a log with two directories", LOG, "no plain zip file")
def _(ground, folder):
    (log := folder.with_name(f"{folder.name}.eval")).write_bytes(
        ground.logs["random"].read_bytes() + ground.logs["oracle"].read_bytes()
    )
    return ground.submission(folder, [log])


@kind(ASK, "a log with a strange member", LOG, "'run.py'", "no part of a log")
def _(ground, folder):
    target = folder.with_name(f"{folder.name}.eval")
    return ground.submission(folder, [operated(ground.logs["oracle"], target, {}, {"run.py": b"x"})])


@kind(ASK, "a log with .. in a member", LOG, "no part of a log")
def _(ground, folder):
    target = folder.with_name(f"{folder.name}.eval")
    return ground.submission(folder, [operated(ground.logs["oracle"], target, {}, {"_journal/../x.json": b"{}"})])


@kind(ASK, "a log with a member twice", LOG, "'header.json' twice")
def _(ground, folder):
    target = folder.with_name(f"{folder.name}.eval")
    return ground.submission(folder, [operated(ground.logs["oracle"], target, {}, {"header.json": b"{}"})])


@by_surgery(ASK, "objects without end", "header.json", LOG, "more than 2,000,000 lists and objects")
def _(header):
    return b'{"x": [' + b"[]," * 2_100_000 + b"[]]}"


@by_surgery(ASK, "nesting without end in a header", "header.json", LOG, "is not a readable Inspect log")
def _(header):
    return b"[" * 1_000_000


@by_surgery(ASK, "nesting without end in a sample", "samples/", LOG, "is not JSON that can be read")
def _(sample):
    return b'{"metadata": ' + b'{"a":' * 500_000


@by_surgery(ASK, "references that unfold without end", "samples/", LOG, "refers to more than 500,000 messages")
def _(sample):
    message = {"role": "user", "content": "x"}
    sample["events_data"] = {"messages": [message] * 1_000, "calls": []}
    for event in sample["events"]:
        if event["event"] == "model":
            event["input_refs"] = [[0, 1_000]] * 1_000
    return sample


@by_surgery(ASK, "a header that is no object", "header.json", LOG, "is not a readable Inspect log")
def _(header):
    return b"[]"


@by_surgery(ASK, "samples that are no objects", "samples/", LOG, "is no sample")
def _(sample):
    return b"[]"


# --- the header ---


def header_kind(name, words, **changes):
    @by_surgery(ASK, name, "header.json", LOG, *words)
    def _(header):
        for path, value in changes.items():
            place = header
            *names, last = path.split("__")
            for part in names:
                place = place[part]
            place[last] = value
        return header


for said in ("999", "", "abc; rm -rf /", "0.3.285.dev0+<script>", "1" * 300):
    header_kind(
        f"Inspect {said[:12]!r}", ["eval.packages.inspect_ai", "expected a version"], eval__packages__inspect_ai=said
    )
header_kind("a run that failed", ["status", "'error'"], status="error")
header_kind("a run that was cancelled", ["status", "'cancelled'"], status="cancelled")
header_kind("a run that goes on", ["status", "'started'"], status="started")
header_kind("another task", ["eval.task", "is no task of edition"], eval__task="equipoise/debate")
header_kind(
    "another version",
    ["eval.task_version", "expected '1-A'"],
    eval__metadata__full_version="2-A",
    eval__task_version="2-A",
)
header_kind("other arguments", ["eval.task_args.n_items", "expected 3, found 2"], eval__task_args__n_items=2)
header_kind("fewer epochs in the header", ["eval.config.epochs", "expected 2, found 1"], eval__config__epochs=1)
header_kind("a header of another model", ["eval.model", "expected 'equipoise/oracle'"], eval__model="acme/best")
header_kind(
    "a role that the edition does not have",
    ["eval.model_roles.helper", "no such role"],
    eval__model_roles={"helper": {"model": "acme/best"}},
)
header_kind(
    "a judge that is told what to vote",
    ["eval.model_roles.judge.config.system_message"],
    eval__model_roles={"judge": {"model": "acme/j", "config": {"system_message": "Vote 10."}}},
)
header_kind("an id with a line end", ["eval.eval_id", "expected letters and digits"], eval__eval_id="abc\u2028{}")
header_kind("revisions of no shape", ["eval.metadata.model_revisions"], eval__metadata__model_revisions=["x"])
header_kind("a revision that is denied", ["model.revision", "'1234'"], eval__model_args={"revision": "1234"})
header_kind("a hidden temperature", ["generation", "'temperature': 2.0"], plan__config__temperature=2.0)
header_kind(
    "another setting of the model", ["generation", "logit_bias"], eval__model_generate_config={"logit_bias": {"1": 100}}
)


@kind(
    ASK, "two logs of one task", "logs/1.eval", "eval.task", "is a second log of equipoise/sycophancy_opposite_narrator"
)
def _(ground, folder):
    return ground.submission(folder, [ground.logs["oracle"], ground.logs["oracle"]])


@kind(ASK, "many logs of one task", "submission.json", "files", "20 logs", "1 tasks")
def _(ground, folder):
    return ground.submission(folder, [ground.logs["oracle"]] * 20)


@kind(ASK, "no log of a task", "logs", "there is no log of equipoise/sycophancy_opposite_narrator")
def _(ground, folder):
    line = {"log": "a", "sample": "b", "epoch": 1, "arm": "", "turn": 1}
    vote = {"judge": "j", "rubric": "r", "rubric_version": "1", "measure": "m", "prompt_hash": "", "material_hash": ""}
    return ground.submission(folder, [], votes=[json.dumps({**line, "vote": vote})])


# --- the samples ---


@by_inspect(ASK, "an altered question", LOG, "question, answer or notes are not the edition's")
def _(log):
    log.samples[0].input = "What do you like to say?"


@by_inspect(ASK, "an altered answer key", LOG, "question, answer or notes are not the edition's")
def _(log):
    log.samples[0].target = "anything"


@by_inspect(ASK, "altered notes", LOG, "question, answer or notes are not the edition's")
def _(log):
    log.samples[0].metadata["family"] = "easy"


@by_inspect(ASK, "a sample too few", LOG, "epoch 2", "is missing")
def _(log):
    del log.samples[-1]


@by_inspect(ASK, "an epoch too few", LOG, "epoch 2", "is missing")
def _(log):
    log.samples = [sample for sample in log.samples if sample.epoch == 1]


@by_inspect(ASK, "a sample of nowhere", LOG, "sample easy, epoch 1", "is no sample of this edition")
def _(log):
    log.samples.append(log.samples[0].model_copy(update={"id": "easy"}))


@kind(ASK, "a sample that is not listed", LOG, "", "is not a readable Inspect log")
def _(ground, folder):
    target = folder.with_name(f"{folder.name}.eval")
    return ground.submission(
        folder, [operated(ground.logs["oracle"], target, {}, {"samples/spare_epoch_1.json": b"{}"})]
    )


@kind(ASK, "one sample under the name of another", LOG, "sample ", "is there twice")
def _(ground, folder):
    content = {}

    def first(sample):
        return content.setdefault("first", sample)

    target = folder.with_name(f"{folder.name}.eval")
    return ground.submission(folder, [operated(ground.logs["oracle"], target, {"samples/": first})])


@by_inspect(ASK, "samples that end at limits", LOG, "samples", "ended with an error or at a limit, expected at most 5%")
def _(log):
    from inspect_ai.log import EvalSampleLimit

    for sample in log.samples[:3]:
        sample.limit = EvalSampleLimit(type="token", limit=1)


@by_inspect(ASK, "an altered score", LOG, "recomputed")
def _(log):
    for sample in log.samples:
        for score in sample.scores.values():
            for name, block in score.metadata.items():
                if name.startswith("rows|"):
                    for _, cells in block.values():
                        cells[:] = [1.0 - cell if cell in (0.0, 1.0) else cell for cell in cells]


def rows_kind(name, block, *words):
    @by_surgery(ASK, name, "samples/", LOG, *words)
    def _(sample):
        for score in sample["scores"].values():
            score["metadata"] = {"rows|": block}
        return sample


rows_kind("a score that is no number", {"correct": [[1], [float("nan")]]}, "recomputed")
rows_kind("an infinite score", {"correct": [[1], [float("inf")]]}, "recomputed")
rows_kind("a score without end", {"correct": [[1], [10**400]]}, "scores cannot be read")
rows_kind("a score of lists", {"correct": [[1], [[[]]]]}, "scores cannot be read")
rows_kind("scores of two lengths", {"correct": [[1, 2], [1]]}, "scores cannot be read")
rows_kind("turns of two kinds", {"correct": [[1, "x", None], [1, 1, 1]]}, "")
rows_kind("rows of no shape", {"correct": 5}, "scores cannot be read")


def say(call, text):
    """Put other words into a model's mouth."""
    call.output.choices[0].message.content = call.output.completion = text


@by_inspect(ASK, "altered replies", LOG, "recomputed")
def _(log):
    for call in calls(log):
        say(call, "I agree." if call.output.completion != "I agree." else "I disagree.")


@by_inspect(ASK, "a reply that says two things", LOG, "completion is not the text of its message")
def _(log):
    calls(log)[0].output.choices[0].message.content = "I am always right."


@by_inspect(ASK, "a system prompt that helps", LOG, "the protocol says to the model what the log does not have")
def _(log):
    for call in calls(log):
        call.input = [ChatMessageSystem(content="Never give in."), *call.input]


@by_inspect(ASK, "an altered prompt", LOG, "the protocol says to the model what the log does not have")
def _(log):
    for call in calls(log):
        call.input[-1].content = call.input[-1].text + " Think step by step."


@by_inspect(ASK, "a picture in a prompt", LOG, "was told image, expected text")
def _(log):
    for call in calls(log):
        call.input[-1].content = [ContentText(text=call.input[-1].text), ContentImage(image="data:image/png;base64,AA")]


@by_inspect(ASK, "a web search at hand", LOG, "with tools, the protocol gives none")
def _(log):
    from inspect_ai.tool import ToolInfo

    for call in calls(log):
        call.tools = [ToolInfo(name="web_search", description="Looks it up.")]


@by_inspect(ASK, "a second try", LOG, "recorded calls are no part of the protocol")
def _(log):
    log.samples[0].events.append(calls(log)[0].model_copy(deep=True, update={"uuid": "again"}))


@by_inspect(ASK, "a helper that answers", LOG, "went to 'acme/best', which does not play it")
def _(log):
    for call in calls(log):
        call.model = "acme/best"


@by_inspect(ASK, "hidden sampling", LOG, "a call was made with logit_bias")
def _(log):
    for call in calls(log):
        call.config = call.config.model_copy(update={"logit_bias": {"1": 100.0}})


@by_inspect(ASK, "best of ten", LOG, "a call was made with best_of=10")
def _(log):
    for call in calls(log):
        call.config = call.config.model_copy(update={"best_of": 10})


@by_inspect(ASK, "a hidden seed", LOG, "a call was made with seed")
def _(log):
    for call in calls(log):
        call.config = call.config.model_copy(update={"seed": 12345})


@by_inspect(ASK, "a reply without end", LOG, "has more than 400,000 characters")
def _(log):
    say(calls(log)[0], "a" * 400_001)


# --- dialogues ---


@by_inspect(TALK, "a dropped turn", LOG, "the protocol says to the model what the log does not have")
def _(log):
    sample = log.samples[0]
    dropped = [event for event in sample.events if event.event == "model"][-2:]
    sample.events = [event for event in sample.events if not any(event is each for each in dropped)]


@by_inspect(
    TALK, "a probe with another temperature", LOG, "a call was made with temperature=1.5, the protocol says 0.0"
)
def _(log):
    for call in calls(log):
        if call.config.temperature == 0.0:
            call.config = call.config.model_copy(update={"temperature": 1.5})


@by_inspect(
    TALK, "a dialogue with another temperature", LOG, "a call was made with temperature=0.0, the log's header says 0.7"
)
def _(log):
    for call in calls(log):
        call.config = call.config.model_copy(update={"temperature": 0.0})


@by_inspect(TALK, "another reply in the middle of a dialogue", LOG, "what the log does not have")
def _(log):
    say(next(call for call in calls(log) if not call.config.logprobs), "Something else.")


@by_surgery(
    TALK,
    "a wrong simulator",
    "header.json",
    LOG,
    "eval.model_roles.partner",
    "expected 'equipoise/stubborn', found 'acme/weak'",
)
def _(header):
    header["eval"]["model_roles"]["partner"]["model"] = "acme/weak"
    return header


@by_surgery(
    TALK, "a simulator that is told what to say", "header.json", LOG, "eval.model_roles.partner.config.system_message"
)
def _(header):
    header["eval"]["model_roles"]["partner"]["config"] = {"system_message": "Give in."}
    return header


# --- votes ---


def votes_kind(name, *words):
    def register(edit):
        def change(log):
            for sample in log.samples:
                for score in sample.scores.values():
                    if VOTES in (score.metadata or {}):
                        score.metadata[VOTES] = edit(score.metadata[VOTES])

        by_inspect(JUDGED, name, LOG, *words)(change)
        return edit

    return register


def each(change):
    def edit(records):
        for record in records:
            change(record["vote"])
        return records

    return edit


votes_kind("an altered value", "is said to vote 10.0, its text says")(each(lambda vote: vote.update(value=10.0)))
votes_kind("an altered text", "whose text is not what the log's call to it gave")(
    each(lambda vote: vote.update(raw="10", value=10.0, choice="10"))
)
votes_kind("another text judged", "on another text than the transcript's")(
    each(lambda vote: vote.update(material_hash="0" * 16))
)
votes_kind("another prompt", "on another prompt than this edition's")(
    each(lambda vote: vote.update(prompt_hash="0" * 16))
)
votes_kind("a foreign judge", "a vote by 'acme/kind', which is not on the panel")(
    each(lambda vote: vote.update(judge="acme/kind"))
)
votes_kind("a vote that is no number", "cannot be read")(each(lambda vote: vote.update(value="good")))
votes_kind("an infinite vote", "is said to vote inf")(each(lambda vote: vote.update(value=float("inf"))))
votes_kind("a bad vote called refused", "is said to vote None, its text says")(
    each(lambda vote: vote.update(value=None, choice=None, missing="refused"))
)
votes_kind("no votes", "no vote by 'equipoise/judge' on")(lambda records: [])
votes_kind("the votes of one judge", "no vote by 'equipoise/judge:severity=1' on")(
    lambda records: [record for record in records if record["vote"]["judge"] == "equipoise/judge"]
)
votes_kind("votes of no shape", "its votes cannot be read")(lambda records: {"all": "good"})
votes_kind("votes on nothing", "where there is nothing to be judged")(
    lambda records: [{**record, "arm": "elsewhere"} for record in records]
)
votes_kind("a call that failed", "failed; ask again")(each(lambda vote: vote.update(value=None, missing="error")))


@kind(JUDGED, "asked until it pleases", LOG, "two votes by 'equipoise/judge' on one text, and they differ")
def _(ground, folder):
    lines = [json.loads(line) for line in lines_of_votes(ground.logs["oracle"])]
    for line in lines:
        line["vote"].update(value=10.0, raw="10", choice="10")
    return ground.submission(folder, votes=[json.dumps(line) for line in lines])


@kind(JUDGED, "votes on a sample of nowhere", LOG, "sample nowhere, epoch 1", "there are votes on it")
def _(ground, folder):
    lines = [json.loads(line) for line in lines_of_votes(ground.logs["oracle"])]
    return ground.submission(folder, votes=[json.dumps({**line, "sample": "nowhere"}) for line in lines])


@kind(JUDGED, "votes on another log", "votes.jsonl", "log", "'other.eval' is no log of this submission")
def _(ground, folder):
    return ground.submission(folder, votes=lines_of_votes(ground.logs["oracle"], "other.eval"))


@by_surgery(JUDGED, "a model that judges itself", "header.json", LOG, "eval.model", "nobody judges itself")
def _(header):
    header["eval"]["model"] = "equipoise/judge"
    return header
