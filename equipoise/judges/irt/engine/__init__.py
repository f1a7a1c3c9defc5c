"""The engine: ratings as arrays, the likelihood's passes, the equations, estimators and standard errors."""
