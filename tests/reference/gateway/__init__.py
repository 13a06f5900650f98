"""Tests of the gateway: envelopes, fields, return codes and stories in every wire profile."""
