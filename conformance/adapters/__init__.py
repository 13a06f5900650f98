"""Adapters: how the harness reaches real products. Each implements a port of `reference.ports`."""
