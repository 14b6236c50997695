"""Benchmarks: seeded workspaces and figures with their limit, measured in the same run."""
