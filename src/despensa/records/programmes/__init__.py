"""Tables about programmes."""
