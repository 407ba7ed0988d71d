"""The content types of built files.

A fixed table: Python's `mimetypes` reads the machine's files, and may return `text/plain` for a script, which browsers
then refuse to run.
"""

from __future__ import annotations

from typing import Final

_TEXT: Final = {
    "cjs": "text/javascript",
    "css": "text/css",
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
    "ics": "text/calendar",
    "js": "text/javascript",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "xml": "text/xml",
}
_OTHER: Final = {
    "7z": "application/x-7z-compressed",
    "aac": "audio/aac",
    "apng": "image/apng",
    "atom": "application/atom+xml",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "br": "application/octet-stream",
    "cur": "image/x-icon",
    "eot": "application/vnd.ms-fontobject",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "geojson": "application/geo+json",
    "gif": "image/gif",
    "glb": "model/gltf-binary",
    "gltf": "model/gltf+json",
    "gz": "application/gzip",
    "ico": "image/x-icon",
    "jfif": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "jxl": "image/jxl",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "map": "application/json",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "rss": "application/rss+xml",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "ttc": "font/collection",
    "ttf": "font/ttf",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xhtml": "application/xhtml+xml",
    "zip": "application/zip",
    "zst": "application/zstd",
}
_TYPES: Final = {**{name: f"{kind}; charset=utf-8" for name, kind in _TEXT.items()}, **_OTHER}
_SCRIPTS: Final = frozenset({"js", "mjs", "cjs"})


def media_type(name: str) -> str:
    """Return the content type for a file's extension, or `application/octet-stream` if it is unknown."""
    return _TYPES.get(_extension(name), "application/octet-stream")


def is_script(name: str) -> bool:
    """Return whether a file is a script."""
    return _extension(name) in _SCRIPTS


def _extension(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2].lower()
