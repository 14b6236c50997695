"""The card: what it says, how it is signed and read, and the chain of keys behind it."""
