"""Journal, leaf queue, outbox and stages of the ledger database."""
