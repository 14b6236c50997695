"""Tables about staff."""
