"""The owner's Google Contacts name the chats: a mirror of names and numbers, kept by the clock, read only."""
