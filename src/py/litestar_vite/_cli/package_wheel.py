"""Packs this package, as it is installed, into a wheel.

A project must not depend on the folder of a clone: on another machine, and in an image, there is no such folder. As
long as the package comes from a clone, `init` therefore puts a wheel into the project.

How it works: a wheel is a zip archive of the package's files and of its metadata, with a list of their hashes.
"""

from __future__ import annotations

import hashlib
import zipfile
from base64 import urlsafe_b64encode
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Final

_NAME: Final = "litestar-vite"
_PACKAGE: Final = Path(__file__).parents[1]
# The files of the installer describe this machine.
_METADATA: Final = ("METADATA", "WHEEL", "entry_points.txt")
# The oldest date in a zip archive, so that equal files give equal wheels.
_DATE: Final = (1980, 1, 1, 0, 0, 0)


def wheel_name() -> str:
    return f"litestar_vite-{version(_NAME)}-py3-none-any.whl"


def write_wheel(path: Path) -> None:
    """Write the wheel. Files that exist are overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = f"litestar_vite-{version(_NAME)}.dist-info"
    record: list[str] = []
    with zipfile.ZipFile(path, "w") as archive:

        def add(name: str, content: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED, compresslevel=1)
            digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}")

        for file in sorted(_PACKAGE.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                add(f"litestar_vite/{file.relative_to(_PACKAGE).as_posix()}", file.read_bytes())
        for name in _METADATA:
            add(f"{info}/{name}", (distribution(_NAME).read_text(name) or "").encode())
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", _DATE), "\n".join([*record, f"{info}/RECORD,,", ""]))
