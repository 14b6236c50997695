"""Work that follows an approval or the clock: the action table and the regular rounds."""
