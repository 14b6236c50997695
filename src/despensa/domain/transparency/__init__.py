"""The log: what a leaf, a tree, a tile, a checkpoint and a portable proof are, to the byte."""
