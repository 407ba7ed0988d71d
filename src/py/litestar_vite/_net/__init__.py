"""HTTP/1.1 client connections and WebSocket frames over asyncio."""
