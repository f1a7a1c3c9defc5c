"""The spine: running, roles, dialogue, embedded model, long table, statistics, report. Knows no single task."""
