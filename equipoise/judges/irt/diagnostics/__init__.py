"""What a fit says about elements, categories, judges and single ratings: pure functions of arrays."""
