"""Tests of the reference terminal: conversations with chips, and flows that break cleanly on chips that are none."""
