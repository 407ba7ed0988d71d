"""Proxies the HMR socket to Vite.

How it works:
1. An upgrade from another `Origin` is rejected with 403: other websites must not read the developer's modules.
2. The handshake with Vite contains the browser's headers. Once Vite accepts, the proxy accepts with the subprotocol
   that Vite chose.
3. Two tasks forward messages until one side closes. The close code and reason are forwarded to the other side.

If one side disconnects abruptly, the other is closed: Vite with 1001, the browser with 1012 (service restart).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from typing import TYPE_CHECKING, Any, Final

from litestar_vite._net.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameError,
    FrameReader,
    accept_key,
    close_payload,
    write_frame,
)
from litestar_vite._proxy.headers import same_origin

if TYPE_CHECKING:
    from litestar.types import Receive, Send, WebSocketScope

    from litestar_vite._net.connection import Connection
    from litestar_vite._net.pool import Peer, Pool


_HANDSHAKE_SECONDS: Final = 30.0
# A browser that has stopped reading must not delay the shutdown of the server or of Vite's socket.
_CLOSE_SECONDS: Final = 1.0
# 1005 says that a close frame has no status (RFC 6455, section 7.4.1). It must not be sent.
_NORMAL: Final = 1000
_NO_STATUS: Final = 1005
_READ_BYTES: Final = 256 * 1024
_SWITCHING: Final = b"101"
# They describe the browser's connection to the app. The headers for the connection to Vite are written below.
_OURS: Final = (
    b"sec-websocket-",
    b"connection",
    b"upgrade",
    b"keep-alive",
    b"proxy-",
    b"te",
    b"transfer-encoding",
    b"content-length",
)


async def forward_socket(
    upstream: Pool[Connection], target: bytes, scope: WebSocketScope, receive: Receive, send: Send
) -> None:
    """Connect a browser's socket to Vite's until one of them closes. `target` is a checked path and query."""
    if (await receive())["type"] != "websocket.connect":
        return
    refusal: Any = {"type": "websocket.close", "code": 1008, "reason": ""}
    if not same_origin(scope["headers"]):
        await send(refusal)
        return
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(_HANDSHAKE_SECONDS):
            reader, writer = await _connect(upstream.peer)
            subprotocol = await _shake_hands(reader, writer, target, scope)
        accept: Any = {"type": "websocket.accept", "subprotocol": subprotocol, "headers": []}
        await send(accept)
        await _relay(reader, writer, receive, send)
    except (OSError, TimeoutError, FrameError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        with contextlib.suppress(Exception):  # The browser may have disconnected; servers raise various errors then.
            await send(refusal)
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _connect(peer: Peer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if peer.unix_path is not None:
        return await asyncio.open_unix_connection(peer.unix_path, limit=_READ_BYTES)
    return await asyncio.open_connection(peer.host, peer.port, limit=_READ_BYTES)


async def _shake_hands(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: bytes, scope: WebSocketScope
) -> str | None:
    """Return the subprotocol that Vite chose.

    Raises:
        FrameError: Vite refused.
    """
    key = base64.b64encode(os.urandom(16))
    lines = [b"GET " + target + b" HTTP/1.1"]
    lines.extend(name + b": " + value for name, value in scope["headers"] if not name.startswith(_OURS))
    lines.extend(
        (b"connection: Upgrade", b"upgrade: websocket", b"sec-websocket-version: 13", b"sec-websocket-key: " + key)
    )
    if subprotocols := scope.get("subprotocols"):
        lines.append(b"sec-websocket-protocol: " + ", ".join(subprotocols).encode("latin-1"))
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    status, *fields = head[:-4].split(b"\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (field.partition(b":") for field in fields)}
    if status.split(b" ")[1:2] != [_SWITCHING] or headers.get(b"sec-websocket-accept") != accept_key(key):
        raise FrameError(f"Vite refused the socket: {status[:80]!r}")
    chosen = headers.get(b"sec-websocket-protocol")
    return chosen.decode("latin-1") if chosen is not None else None


class _Outgoing:
    """Writes whole frames to Vite. A long message is written in pieces, and control frames wait for its end."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._is_amid_message = False
        self._waiting: list[tuple[int, bytes]] = []

    async def message(self, opcode: int, payload: bytes) -> None:
        """Write a message at Vite's pace. After a cancelled write, nothing more can be written."""
        self._is_amid_message = True
        for piece in write_frame(opcode, payload):
            self._writer.write(piece)
            await self._writer.drain()
        self._is_amid_message = False
        for waiting in self._waiting:
            self.control(*waiting)
        self._waiting.clear()

    def control(self, opcode: int, payload: bytes) -> None:
        """Write a control frame now, or after the current message; never waits, so that reading continues."""
        if self._is_amid_message:
            self._waiting.append((opcode, payload))
        else:
            self._writer.writelines(write_frame(opcode, payload))


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, receive: Receive, send: Send) -> None:
    outgoing = _Outgoing(writer)
    down = asyncio.create_task(_to_browser(reader, outgoing, send))
    up = asyncio.create_task(_to_vite(outgoing, receive))
    try:
        await asyncio.wait((down, up), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (down, up):
            task.cancel()
        await asyncio.gather(down, up, return_exceptions=True)


async def _to_browser(reader: asyncio.StreamReader, outgoing: _Outgoing, send: Send) -> None:
    frames = FrameReader()
    # Without a close frame from Vite, the browser's client reconnects.
    code, reason = 1012, ""
    try:
        while data := await reader.read(_READ_BYTES):
            frames.feed(data)
            for frame in frames.frames():
                message: Any
                if frame.opcode == TEXT:
                    message = {"type": "websocket.send", "text": frame.payload.decode("utf-8", "replace")}
                elif frame.opcode == BINARY:
                    message = {"type": "websocket.send", "bytes": frame.payload}
                elif frame.opcode == PING:
                    outgoing.control(PONG, frame.payload)
                    continue
                elif frame.opcode == CLOSE:
                    code, reason = frame.close_code, frame.close_reason
                    outgoing.control(CLOSE, close_payload(code))
                    return
                else:
                    continue
                await send(message)
    except (OSError, FrameError):
        code = 1011
    finally:
        closing: Any = {"type": "websocket.close", "code": _NORMAL if code == _NO_STATUS else code, "reason": reason}
        with contextlib.suppress(Exception):  # The browser closed first, or does not read.
            async with asyncio.timeout(_CLOSE_SECONDS):
                await send(closing)


async def _to_vite(outgoing: _Outgoing, receive: Receive) -> None:
    while True:
        message: Any = await receive()
        if message["type"] == "websocket.disconnect":
            # 1006, a lost connection, must not be sent.
            code: int = message.get("code") or 1001
            payload = close_payload(1001 if code == 1006 else code, message.get("reason") or "")  # noqa: PLR2004
            with contextlib.suppress(OSError):
                await outgoing.message(CLOSE, payload)
            return
        if message["type"] == "websocket.receive":
            text = message.get("text")
            await (
                outgoing.message(TEXT, text.encode())
                if text is not None
                else outgoing.message(BINARY, message.get("bytes") or b"")
            )
