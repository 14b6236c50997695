"""Financial service providers, accounts people are paid to, and what keeps somebody from being paid."""
