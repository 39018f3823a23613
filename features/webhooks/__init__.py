"""Meta's deliveries: verified, stored, and everything they say applied, in one commit."""
