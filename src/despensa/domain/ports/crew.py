"""Who works through the parts of something large: this process, or several beside it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

Buffer = bytes | memoryview

Item = TypeVar("Item")
Result = TypeVar("Result")
Kept = TypeVar("Kept")


class Work(Protocol[Item, Result]):
    """
    What is done to each part, and how parts and results travel between processes.

    They travel as pieces of bytes, laid side by side and read where they lie.

    Guarantee: what is done to a part depends on nothing another part leaves behind but what
    `finish` returns at the end; what lies behind the bytes that `decode_item` is given is another
    part's after `do`, what lies behind those of `decode_result` when the next result is asked for.
    """

    def do(self, item: Item) -> Result:
        """Return the result of one part."""

    def finish(self) -> Result:
        """Return what was held back until the last part."""

    def encode_item(self, item: Item) -> Sequence[Buffer]:
        """Return a part as pieces of bytes."""

    def decode_item(self, data: memoryview) -> Item:
        """Return a part."""

    def encode_result(self, result: Result) -> Sequence[Buffer]:
        """Return a result as pieces of bytes."""

    def decode_result(self, data: memoryview) -> Result:
        """Return a result."""


class Crew(Protocol):
    """
    Works through parts.

    Guarantee: results come in the order of the parts, each with what was kept beside its part, then
    what was held back, with None; a worker that dies is an error and never a result that is missing.
    """

    def each(
        self, work: Work[Item, Result], items: Iterable[tuple[Item, Kept]]
    ) -> Iterator[tuple[Kept | None, Result]]:
        """Yield what was kept beside each part and its result. Raises: what the work raises."""


class Alone:
    """A crew of one: the process itself; implements `Crew`."""

    def each(
        self, work: Work[Item, Result], items: Iterable[tuple[Item, Kept]]
    ) -> Iterator[tuple[Kept | None, Result]]:
        """Yield what was kept beside each part and its result."""
        for item, kept in items:
            yield kept, work.do(item)
        yield None, work.finish()
