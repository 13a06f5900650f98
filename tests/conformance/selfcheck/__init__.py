"""The harness held against itself: hollow products, mutants, replays."""
