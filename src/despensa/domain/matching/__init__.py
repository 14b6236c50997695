"""Finding the same person under another spelling: folded names, phonetic forms, search texts."""
