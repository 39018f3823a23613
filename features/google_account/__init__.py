"""The owner's Google account: consent, which parts are switched on, and whether Google still knows us."""
