"""
Frames between the office and the keeper process: u32 length, then deterministic CBOR.

Shape: a request is [1, method, arguments]; parts that stream in are [2, bytes], and [3] ends them.
An answer is [0, result], [1, kind of error, text]; [2, bytes] is a part that streams out, and [3]
says that the work goes on. Source: docs/reference/formats.md, section 17.
"""

import socket
from typing import Any

from despensa.domain.encoding import dcbor

FRAME_BYTES_MAX = 64 << 20
CALL, PART, END = 1, 2, 3
RESULT, ERROR, OUT, AT_WORK = 0, 1, 2, 3
_HEAD_LENGTH = 4


class FrameBroken(ValueError):
    """What came over the socket is no frame of this protocol; the connection is of no more use."""


class PeerGone(ConnectionError):
    """The other side closed the connection between two frames."""


def send(link: socket.socket, message: list[Any]) -> None:
    """Send one message. Raises: FrameBroken when it is too long; OSError."""
    data = dcbor.encode(message)
    if len(data) > FRAME_BYTES_MAX:
        raise FrameBroken(
            f"a message of {len(data)} bytes is too long for the keeper; ask for less at once"
        )
    link.sendall(len(data).to_bytes(_HEAD_LENGTH, "big") + data)


def receive(link: socket.socket) -> list[Any]:
    """
    Return the next message.

    Raises: PeerGone at the end of the connection; FrameBroken; OSError, as TimeoutError.
    """
    length = int.from_bytes(_exactly(link, _HEAD_LENGTH, may_end=True), "big")
    if not 0 < length <= FRAME_BYTES_MAX:
        raise FrameBroken("a frame of this length is not taken")
    try:
        message = dcbor.decode(_exactly(link, length), bytes_max=FRAME_BYTES_MAX)
    except dcbor.EncodingError as error:
        raise FrameBroken("a frame that is not deterministic CBOR") from error
    if type(message) is not list or not message or type(message[0]) is not int:
        raise FrameBroken("a frame that is no message")
    return message


def _exactly(link: socket.socket, length: int, *, may_end: bool = False) -> bytes:
    data = bytearray()
    while len(data) < length:
        more = link.recv(min(length - len(data), 1 << 20))
        if not more:
            if may_end and not data:
                raise PeerGone("the connection has ended")
            raise FrameBroken("a frame that was cut short")
        data += more
    return bytes(data)
