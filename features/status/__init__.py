"""How the lines to WhatsApp and Google are, for the banner of every page, and how the installation is doing."""
