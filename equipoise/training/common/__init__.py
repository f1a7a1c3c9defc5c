"""What every kind of training shares: the format of preference pairs, weights, the stages, report and model card."""
