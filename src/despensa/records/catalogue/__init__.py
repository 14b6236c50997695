"""Tables about the catalogue of facts."""
