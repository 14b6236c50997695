"""Journal, leaf queue, outbox and stages of the registry database."""
