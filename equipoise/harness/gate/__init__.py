"""The release gate: GO, NO-GO or INCONCLUSIVE from two runs and a policy."""
