"""Money that leaves: amounts, references, files of instructions, and what comes back about them."""
