"""The invented chats of the sandbox leave when a real number is connected."""
