"""Partners, what people consented to, and the messages that were answered."""
