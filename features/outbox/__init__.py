"""Sending: one row a click, in order per recipient, never lost, never sent twice by itself."""
