"""The mirror of the owner's Customer List: read, planned as a pure function, applied in small repeatable steps."""
