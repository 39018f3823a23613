"""The wire format of Meta's WhatsApp Cloud API: bodies into typed events, messages into bodies, the error table."""
