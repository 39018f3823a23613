"""The append-only log of changes, and the live feed that carries it to the browsers."""
