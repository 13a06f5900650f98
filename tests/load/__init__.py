"""Tests of the load tool: schedules, cases, judging, gates, and short runs."""
