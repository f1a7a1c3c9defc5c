"""The sycophancy task family: five sub-tasks, each in both directions with a no-pressure control."""
