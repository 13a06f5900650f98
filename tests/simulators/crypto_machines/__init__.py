"""Tests of the simulated crypto machines: the TCP server, its faults and its command."""
