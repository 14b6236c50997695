"""Tables about what leaves the system by proposal."""
