"""WebSocket frames as a client writes and reads them (RFC 6455). Pure: bytes in, frames out.

Implemented here, since servers depend on different WebSocket packages or none. The proxy negotiates no extensions. See
docs/design/0024-rooms.md."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator


CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Vite's own server accepts 100 MiB; HMR messages have a few KiB.
_MAX_MESSAGE_BYTES: Final = 100 * 1024 * 1024
_CONTROL: Final = 0x8
_SEVEN_BITS: Final = 125
_SIXTEEN_BITS: Final = 0xFFFF
# 64 KiB: the payload is masked in pieces, at memory speed and with at most one extra piece in memory.
_MASK_STEP: Final = 64 * 1024


class FrameError(Exception):
    """The peer violates RFC 6455."""


class Frame(Struct, frozen=True):
    """A whole message, or a control frame.

    Attributes:
        opcode: TEXT, BINARY, CLOSE, PING or PONG.
        payload: Unmasked.
    """

    opcode: int
    payload: bytes

    @property
    def close_code(self) -> int:
        """The code of a close frame; 1005 without one."""
        return int.from_bytes(self.payload[:2], "big") if len(self.payload) > 1 else 1005

    @property
    def close_reason(self) -> str:
        return self.payload[2:].decode("utf-8", "replace")


def accept_key(key: bytes) -> bytes:
    """Return the value with which a server must respond to `Sec-WebSocket-Key`."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def close_payload(code: int, reason: str = "") -> bytes:
    """Return the payload of a close frame; empty for the codes that must not be sent (1005, 1006, 1015)."""
    if code in {1005, 1006, 1015} or not 1000 <= code < 5000:  # noqa: PLR2004
        return b""
    # A control frame has 123 bytes left. A character that would be cut is dropped.
    text = reason.encode()[:123].decode("utf-8", "ignore").encode()
    return code.to_bytes(2, "big") + text


def write_frame(opcode: int, payload: bytes) -> Iterator[bytes]:
    """Yield the pieces of a masked frame, as clients must send it; write them in order."""
    length = len(payload)
    if length <= _SEVEN_BITS:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length <= _SIXTEEN_BITS:
        head = bytes((0x80 | opcode, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + length.to_bytes(8, "big")
    mask = os.urandom(4)
    yield head + mask + _masked(payload[:_MASK_STEP], mask)
    for start in range(_MASK_STEP, length, _MASK_STEP):
        yield _masked(payload[start : start + _MASK_STEP], mask)


class FrameReader:
    """Assembles a server's bytes into messages. Feed it, then read the results of `frames`."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._opcode = 0
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        self._data += data

    def frames(self) -> Iterator[Frame]:
        """Yield the complete messages and control frames.

        Raises:
            FrameError: The bytes are not WebSocket frames, or a message is too long.
        """
        while (found := self._next()) is not None:
            is_final, opcode, payload = found
            if opcode & _CONTROL:
                yield Frame(opcode, payload)
                continue
            if (opcode == CONTINUATION) is not bool(self._opcode):
                msg = "a message begins inside another, or goes on without a beginning"
                raise FrameError(msg)
            self._opcode = opcode or self._opcode
            self._parts.append(payload)
            self._size += len(payload)
            if self._size > _MAX_MESSAGE_BYTES:
                msg = f"a message is longer than {_MAX_MESSAGE_BYTES} bytes"
                raise FrameError(msg)
            if is_final:
                whole = Frame(self._opcode, b"".join(self._parts) if len(self._parts) > 1 else payload)
                self._opcode, self._parts, self._size = 0, [], 0
                yield whole

    def _next(self) -> tuple[bool, int, bytes] | None:
        """Remove and return the first frame; None while it is incomplete."""
        data = self._data
        if len(data) < 2:  # noqa: PLR2004
            return None
        first, second = data[0], data[1]
        opcode, length, start = first & 0x0F, second & 0x7F, 2
        if first & 0x70 or second & 0x80 or opcode not in {CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG}:
            msg = "a frame is masked, or uses an extension that was not agreed on"
            raise FrameError(msg)
        if length > _SEVEN_BITS:
            if opcode & _CONTROL:
                msg = "a control frame is longer than 125 bytes"
                raise FrameError(msg)
            start = 4 if length == 126 else 10  # noqa: PLR2004
            if len(data) < start:
                return None
            length = int.from_bytes(data[2:start], "big")
            if length > _MAX_MESSAGE_BYTES:
                msg = f"a frame is longer than {_MAX_MESSAGE_BYTES} bytes"
                raise FrameError(msg)
        if len(data) < start + length:
            return None
        payload = bytes(data[start : start + length])
        del data[: start + length]
        return bool(first & 0x80), opcode, payload


def _masked(piece: bytes, mask: bytes) -> bytes:
    """XOR with the repeated mask, as one big integer: about 100 times faster than a loop over bytes."""
    if not piece:
        return b""
    size = len(piece)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(piece, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
