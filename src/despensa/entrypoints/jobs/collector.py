"""Python's cycle collector, paused while a whole register is worked on."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """
    Leave the collector off inside the block, which makes millions of rows and no cycles.

    The collector would walk all of them again and again: a third of an opening's time. What is
    no longer used is freed by its reference count as ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
