"""Who works here: staff, sessions, API tokens, the settings of the shop, and the record of who did what."""
