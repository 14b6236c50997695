"""
The zlib wrapping of a card token: written in the one form every published reader can read.

A short signed token does not compress, and ordinary compressors then choose a *stored* block, on
which a widespread reader of these cards fails. So the writer makes one block with the fixed
Huffman code and literals only. The reader takes any zlib stream, up to a size.
Source: RFC 1950; RFC 1951 sections 3.2.3 and 3.2.6; docs/reference/formats.md section 1.
"""

import zlib

INFLATED_BYTES_MAX = 65_536
_HEADER = b"\x78\x01"
_BLOCK_START = "110"  # last block, then block type 01 with its low bit first
_END_OF_BLOCK = "0000000"
_LITERAL = tuple(
    format(0b00110000 + byte, "08b") if byte < 144 else format(0b110010000 + byte - 144, "09b")
    for byte in range(256)
)


class DeflateError(ValueError):
    """The bytes are not exactly one zlib stream."""


class TooLarge(ValueError):
    """The stream grows beyond what any card can hold."""


def deflate(data: bytes) -> bytes:
    """
    Return a zlib stream of one fixed-Huffman block that holds the bytes as literals.

    Holds: inflate(deflate(data)) == data.
    Source: RFC 1951 section 3.2.6; docs/reference/formats.md section 1.
    """
    bits = _BLOCK_START + "".join([_LITERAL[byte] for byte in data]) + _END_OF_BLOCK
    # the stream fills each byte from its lowest bit, so the reversed text is one number
    block = int(bits[::-1], 2).to_bytes((len(bits) + 7) // 8, "little")
    return _HEADER + block + zlib.adler32(data).to_bytes(4, "big")


def inflate(data: bytes, *, bytes_max: int = INFLATED_BYTES_MAX) -> bytes:
    """
    Return the bytes inside a zlib stream, stopping at the size limit.

    Raises: TooLarge beyond `bytes_max`; DeflateError on a broken, cut or continued stream.
    """
    reader = zlib.decompressobj()
    try:
        inflated = reader.decompress(data, bytes_max + 1)
    except zlib.error as error:
        raise DeflateError("not a zlib stream") from error
    if len(inflated) > bytes_max:
        raise TooLarge(f"more than {bytes_max} bytes inside")
    if not reader.eof:
        raise DeflateError("the zlib stream is cut short")
    if reader.unused_data:
        raise DeflateError("something follows the zlib stream")
    return inflated
