"""Conversations: one person or group on one of our numbers, the list of them, who they are, what has been read."""
