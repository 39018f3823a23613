"""Our WhatsApp numbers: connecting one in the settings page, testing it against Meta, letting it go."""
