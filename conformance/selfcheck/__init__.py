"""The harness held against itself: simulated products, mutants and hollow products as products under test."""
