"""The companion that produces candidates - persuasion-balanced training and constrained DPO."""
