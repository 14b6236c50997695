"""Python's cycle collector, paused while a whole register or inbox is worked on."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pauses = 0


@contextmanager
def paused() -> Iterator[None]:
    """
    Leave the collector off inside the block, which makes millions of rows and no cycles.

    The collector would walk all of them again and again: a third of an opening's time. What is
    no longer used is freed by its reference count as ever. Blocks of several threads may overlap:
    the last to end switches the collector on again.
    """
    global _pauses  # noqa: PLW0603 - the collector is the process's own
    with _lock:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pauses -= 1
            if _pauses == 0:
                gc.enable()
