"""Ready-made replies: message templates, approved by Meta, that may be sent outside the 24-hour window."""
