"""Rules over the suites as a whole."""
