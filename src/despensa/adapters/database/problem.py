"""The one exception of this adapter: its text is a whole sentence that users may be shown."""


class DatabaseProblem(RuntimeError):
    """The databases cannot be used; the text says what, where and how to mend it."""
