"""What is wrong with a judge's ratings, in words."""

from math import isnan

REGULAR, ERRATIC = 0.5, 1.5  # mean squares productive for measurement (Linacre 2002)
TELLING = 0.2  # expected correlation below which a low one means little
FEW = 30  # ratings below which a judge's fit is mostly chance


def misfit(infit: float, outfit: float, point: float, expected: float) -> str:
    """The first thing that is wrong; empty if nothing is.

    Args:
        infit: Mean square weighted by information.
        outfit: Plain mean square.
        point: Point-measure correlation; NaN if all scores are the same.
        expected: What the model expects of it.
    """
    if isnan(point) and expected > 0:
        return "gives everything the same score: fit again without it"
    if point < 0 < expected:
        return f"rates against all others (correlation {point:.2f}, expected {expected:.2f}): fit again without it"
    if point < expected / 2 and expected > TELLING:
        return f"hardly tells good from bad (correlation {point:.2f}, expected {expected:.2f}): read its ratings"
    if max(infit, outfit) > ERRATIC:
        return f"is more erratic than the model allows (infit {infit:.2f}, outfit {outfit:.2f}): read its ratings"
    if min(infit, outfit) < REGULAR:
        return f"is too regular to judge independently (infit {infit:.2f}, outfit {outfit:.2f}): read its ratings"
    return ""
