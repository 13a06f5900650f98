"""Simulated crypto machines: a software machine behind the TCP protocol, healthy or faulty."""
