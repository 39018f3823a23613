"""Repeatable measurements: `python -m benchmarks` (speed and memory), `python -m benchmarks.soak` (what survives)."""
