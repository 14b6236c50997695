"""Tables about service points."""
