"""Tables about redemption."""
