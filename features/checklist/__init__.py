"""From nothing to a working installation: the steps, how far each is, and where to go for it."""
