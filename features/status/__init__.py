"""How the lines to WhatsApp and Google are, as the pages show it in their banner."""
