"""Tables about ledger."""
