"""Tables about registry."""
