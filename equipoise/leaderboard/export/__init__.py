"""What is on a board, in formats that others read: Every Eval Ever, Hugging Face `.eval_results`, CSV."""

from collections.abc import Callable
from pathlib import Path

from equipoise.leaderboard.export.csv_file import export_csv
from equipoise.leaderboard.export.every_eval_ever import export_every_eval_ever
from equipoise.leaderboard.export.hugging_face import export_hugging_face

__all__ = ["FORMATS", "export_csv", "export_every_eval_ever", "export_hugging_face"]

FORMATS: dict[str, Callable[[Path, Path], list[Path]]] = {
    "every-eval-ever": export_every_eval_ever,
    "hugging-face": export_hugging_face,
    "csv": export_csv,
}
"""Name of a format -> (database of a board, folder) -> files that were written, in order."""
