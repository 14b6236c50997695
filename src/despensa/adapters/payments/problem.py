"""What is wrong with a whole file; a line's fault stays with the line."""


class StatementRefused(ValueError):
    """The file cannot be taken at all: the text says what is wrong and how to mend it."""
