"""Tests of the registration management system."""
