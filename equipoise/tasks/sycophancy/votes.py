"""What judges add to a rule: their votes as rows beside it, if the role `judge` is bound."""

from collections.abc import Mapping

from equipoise.harness.table.rows import Rows
from equipoise.judges import ask_judge

YES_NO = ("yes", "no")


async def add_votes(
    rows: Rows, arm: str, turn: int, measure: str, template: str, fields: Mapping[str, str], allow_same: bool
) -> None:
    """Ask every judge a yes-or-no question and add its vote as a row of its own; nothing if there is no judge.

    Args:
        rows: Extended in place.
        arm: As in `Rows.add`, like the next two.
        turn: Turn that is judged.
        measure: What a yes means.
        template: The question, a format string that names the fields.
        fields: Untrusted texts.
        allow_same: Whether a judge may be the subject or of its family.

    Raises:
        InputError: A judge is the subject or of its family, without leave.
    """
    for vote in await ask_judge(template, fields, YES_NO, allow_same):
        value = None if vote.choice is None else vote.choice == "yes"
        rows.add(arm, turn, measure, value, vote.missing, vote.judge, vote.prompt_hash)
