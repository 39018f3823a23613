"""The one HTTP client: time-outs, size limits, and certainty about what was sent."""
