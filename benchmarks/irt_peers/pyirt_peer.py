"""py-irt 0.7.1 on binary ratings, in its own environment (`environment.py`).

    DIR/pyirt/bin/python benchmarks/irt_peers/pyirt_peer.py RATINGS RESULT [--model 1pl|2pl]
        [--priors hierarchical|vague] [--epochs 2000] [--seed 0] [--runs 1]

Files: `exchange.py`. Scores 0 and 1, one judge: it has no judge facet. `abilities` and `difficulties` are its posterior
means (it exports nothing else), `slopes` those of the items with 2pl. 2,000 epochs is its default.
"""

import sys

from exchange import arguments, by_label, read, timed, write

VERSION = "0.7.1"


def main() -> None:
    options = arguments(__doc__, model="1pl", priors="hierarchical", epochs=2000, seed=0)
    labels, codes, score = read(options.ratings)
    if len(labels["judge"]) > 1 or score.max() > 1:
        sys.exit(f"{options.ratings}: py-irt has binary scores and no judges; expected scores 0 and 1 of one judge")

    import pyro
    from py_irt.config import IrtConfig
    from py_irt.dataset import Dataset
    from py_irt.training import IrtModelTrainer

    places = {name: dict(enumerate(labels[name])) for name in ("model", "item")}
    data = Dataset(
        item_ids=set(labels["item"]),
        subject_ids=set(labels["model"]),
        item_id_to_ix={label: place for place, label in places["item"].items()},
        ix_to_item_id=places["item"],
        subject_id_to_ix={label: place for place, label in places["model"].items()},
        ix_to_subject_id=places["model"],
        observation_subjects=codes["model"].tolist(),
        observation_items=codes["item"].tolist(),
        observations=score.astype(float).tolist(),
        training_example=[True] * len(score),
    )
    config = IrtConfig(model_type=options.model, priors=options.priors, epochs=options.epochs)

    def fit() -> dict:
        pyro.set_rng_seed(options.seed)
        trainer = IrtModelTrainer(config=config, data_path=None, dataset=data, verbose=False)
        trainer.train(device="cpu")
        return trainer.last_params

    fitted, measured = timed(fit, options.runs)
    write(
        options.result,
        {
            "peer": "py-irt",
            "version": VERSION,
            "options": {name: getattr(options, name) for name in ("model", "priors", "epochs", "seed")},
            "ratings": len(score),
            **measured,
            "abilities": by_label(labels["model"], fitted["ability"]),
            "difficulties": by_label(labels["item"], fitted["diff"]),
            "severities": None,
            "thresholds": None,
            "slopes": by_label(labels["item"], fitted["disc"]) if "disc" in fitted else None,
        },
    )


if __name__ == "__main__":
    main()
