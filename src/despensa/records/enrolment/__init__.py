"""The book of the desk: who vouches, for how many; and the answers to whoever was not enrolled."""
