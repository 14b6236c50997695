"""The book of operations on households: what was done, undone, and carried over."""
