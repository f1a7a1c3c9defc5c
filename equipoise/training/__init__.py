"""The companion that produces candidates - persuasion-balanced training and constrained DPO.

Needs the extra `train` (torch, transformers, trl, peft, datasets, accelerate), which is imported only inside the
functions that train: making and reading data needs none of it.
"""
