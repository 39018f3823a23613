"""References: what names a chat, a contact or a message, and what becomes of it when that one is merged or removed."""
