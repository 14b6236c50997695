"""Tables about cards."""
