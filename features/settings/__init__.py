"""What the owner decides for the whole shop: values under a name."""
