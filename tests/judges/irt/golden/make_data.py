"""The two data sets of the golden files, drawn once: `python tests/judges/irt/golden/make_data.py`.

The CSV files are kept, so a change of `simulate` does not touch them; run `golden.R` again if you do.
"""

from pathlib import Path

from equipoise.judges.irt.simulate import simulate

HERE = Path(__file__).parent

if __name__ == "__main__":
    ordinal = simulate(12, 8, 3, categories=4, ratings=240, sd_difficulty=0.7, thresholds=1.2, seed=22)
    binary = simulate(80, 6, 3, categories=2, ratings=800, sd_ability=1.2, seed=5)
    for name, made in (("ordinal", ordinal), ("binary", binary)):
        made.ratings.to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")
