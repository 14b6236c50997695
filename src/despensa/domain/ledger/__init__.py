"""Double entry over integer units: named accounts, transfers, and what merging a claim moves."""
