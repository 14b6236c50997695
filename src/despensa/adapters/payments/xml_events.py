"""
Walks a statement in XML part by part: no document type, no entity, nothing outside, no memory.

Only the texts below the elements a reader asks for are kept, and only until it takes them.
"""

import xml.parsers.expat
from collections.abc import Iterator
from typing import BinaryIO

from despensa.adapters.payments.problem import StatementRefused

_CHUNK = 1 << 16
_DEPTH_MAX, _TEXT_MAX, _ELEMENTS_MAX = 40, 1_000, 4_000
_BROKEN = "The file is no whole XML: it is cut off, broken or nested too deep. Fetch it again from the bank."
Texts = list[tuple[tuple[str, ...], str]]


class _Refused(Exception):
    """Stops the parser; the text is for the reader."""


class Records:
    """
    Yields the texts and attributes below each element of a name, as it ends.

    Where a record has parts (a bank's entry may have a million), each part is yielded by itself with
    what the record said before it, and a record without any as one.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        namespace: str,
        message: str,
        record: str,
        part: tuple[str, ...] = (),
    ) -> None:
        """Read `record` elements of one message; the root must be of this namespace."""
        self._part, self._part_begins, self._has_parts = part, 0, False
        self._stream, self._namespace = stream, namespace
        self._message, self._record = message, record
        self._path: list[str] = []
        self._texts: Texts = []
        self._text: list[str] = []
        self._length = 0
        self._inside = 0
        self._ready: list[Texts] = []
        self.is_message = False

    def __iter__(self) -> Iterator[Texts]:
        """
        Yield (path, text) pairs of one record at a time; attributes stand as "@name".

        Raises: StatementRefused at any point, so that nothing is taken before the last.
        """
        parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.buffer_text = True
        try:
            while chunk := self._stream.read(_CHUNK):
                parser.Parse(chunk, False)  # noqa: FBT003  positional only in expat
                yield from self._take()
            parser.Parse(b"", True)  # noqa: FBT003  positional only in expat
        except xml.parsers.expat.ExpatError as error:
            raise StatementRefused(_BROKEN) from error
        except _Refused as error:
            raise StatementRefused(str(error)) from error
        yield from self._take()
        if not self.is_message:
            raise StatementRefused(
                f"The file holds no {self._message}: is it another kind of file?"
            )

    def _take(self) -> list[Texts]:
        ready, self._ready = self._ready, []
        return ready

    def _refuse_doctype(self, *_: object) -> None:
        raise _Refused(
            "The file carries a document type, which no bank's file does: it was not read. Ask who "
            "sent it."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if not self._path and (space != self._namespace or local != "Document"):
            raise _Refused(
                f"The file is not {self._message} ({self._namespace}), but begins with {local[:60]} "
                f"of {space[:90] or 'no namespace'}. Ask the bank for that version."
            )
        if len(self._path) >= _DEPTH_MAX:
            raise _Refused(_BROKEN)
        self._path.append(local)
        self._text, self._length = [], 0
        if local == self._message.partition(" ")[0]:
            self.is_message = True
        if local == self._record and not self._inside:
            self._inside, self._texts = len(self._path), []
            self._has_parts, self._part_begins = False, 0
        elif self._inside:
            if self._part and self._below() == self._part:
                self._part_begins = len(self._texts)
            for attribute, value in attributes.items():
                self._keep((*self._below(), "@" + attribute), value[:_TEXT_MAX])

    def _data(self, text: str) -> None:
        if self._inside and self._length < _TEXT_MAX:
            self._text.append(text[: _TEXT_MAX - self._length])
            self._length += len(text)

    def _end(self, _name: str) -> None:
        if self._inside:
            text = "".join(self._text).strip()
            if text:
                self._keep(self._below(), text)
            self._text, self._length = [], 0
            if self._part and self._below() == self._part:
                self._ready.append(list(self._texts))
                del self._texts[self._part_begins :]
                self._has_parts = True
            elif len(self._path) == self._inside:
                if not self._has_parts:
                    self._ready.append(self._texts)
                self._inside, self._texts = 0, []
        self._path.pop()

    def _below(self) -> tuple[str, ...]:
        return tuple(self._path[self._inside :])

    def _keep(self, path: tuple[str, ...], text: str) -> None:
        if len(self._texts) >= _ELEMENTS_MAX:
            raise _Refused(f"One {self._record} of the file holds more than any bank writes.")
        self._texts.append((path, text))


def first(texts: Texts, *path: str) -> str:
    """Return the first text at a path below the record, or an empty one."""
    return next((text for at, text in texts if at == path), "")


def ending(texts: Texts, *path: str) -> str:
    """Return the first text whose path ends so, or an empty one."""
    return next((text for at, text in texts if at[-len(path) :] == path), "")
