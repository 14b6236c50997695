"""One encrypted file that holds what a workspace needs to live again, without its link keys."""
