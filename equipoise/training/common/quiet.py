"""Libraries that keep their progress bars and warnings to themselves."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def libraries_quiet() -> Iterator[None]:
    """Without the bars and notes of four libraries, which would run through our one line of progress."""
    import logging
    import warnings

    import datasets
    import transformers

    logs, trl = transformers.utils.logging, logging.getLogger("trl")
    level, trl_level = logs.get_verbosity(), trl.level
    logs.set_verbosity_error()
    logs.disable_progress_bar()
    datasets.disable_progress_bars()
    trl.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        trl.setLevel(trl_level)
        logs.set_verbosity(level)
        logs.enable_progress_bar()
        datasets.enable_progress_bars()
