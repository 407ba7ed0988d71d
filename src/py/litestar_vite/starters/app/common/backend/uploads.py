"""Pictures that users upload. They are files below `var/uploads`; replace this module to use an object store."""

import secrets
from pathlib import Path

from litestar import get
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import File

from backend.settings import VAR

FOLDER = VAR / "uploads"
MAX_BYTES = 2 * 1024 * 1024
# A picture is recognised by its first bytes, never by the name that the browser sends.
TYPES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}
MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


class UploadError(ValueError):
    """The file cannot be used. The message is for the user."""


async def save_picture(upload: UploadFile) -> str:
    """Store a picture and return its name.

    Raises:
        UploadError: The file is too large, or is not a PNG, JPEG or WebP picture.
    """
    content = await upload.read()
    if len(content) > MAX_BYTES:
        raise UploadError("The picture is larger than 2 MB.")
    kind = next((kind for start, kind in TYPES.items() if content.startswith(start)), None)
    if kind is None or (kind == "webp" and content[8:12] != b"WEBP"):
        raise UploadError("Please choose a PNG, JPEG or WebP picture.")
    # A new name for each picture, so that browsers can keep it for ever.
    name = f"{secrets.token_urlsafe(16)}.{kind}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_bytes(content)
    return name


def delete_picture(name: str | None) -> None:
    if name:
        (FOLDER / name).unlink(missing_ok=True)


@get("/avatars/{name:str}", name="avatars.show", include_in_schema=False)
async def avatar(name: FromPath[str]) -> File:
    path = FOLDER / Path(name).name
    if not path.is_file():
        raise NotFoundException
    return File(
        path,
        media_type=MEDIA_TYPES.get(path.suffix[1:], "application/octet-stream"),
        content_disposition_type="inline",
        headers={"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"},
    )
