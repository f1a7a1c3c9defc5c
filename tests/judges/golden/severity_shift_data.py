"""Writes severity_shift.csv: 101 pairs of votes in five categories on 40 transcripts, each with a shift of its own.

python tests/judges/golden/severity_shift_data.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax

random, steps, rows = np.random.default_rng(6), np.concatenate(([0], np.cumsum([-1.5, -0.5, 0.5, 1.5]))), []
for transcript in range(40):
    location, shift = random.normal(0, 1.2), 0.4 + random.normal(0, 0.8)
    for _ in range(random.integers(1, 5)):
        chances = [softmax(np.arange(5) * (location - severity) - steps) for severity in (0, shift)]
        rows.append((f"t{transcript}", *(random.choice(5, p=chance) for chance in chances)))
table = pd.DataFrame(rows, columns=["transcript", "then", "now"])
table.to_csv(Path(__file__).with_name("severity_shift.csv"), index=False)
