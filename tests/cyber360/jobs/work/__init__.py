"""A tiny app whose jobs do what a test needs; installed only in the cluster tests' own settings."""
