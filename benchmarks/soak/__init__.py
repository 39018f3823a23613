"""Long forms of tests/reliability: each module breaks the running inbox in one way and counts what that cost."""
