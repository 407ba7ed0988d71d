"""The template functions `vite()`, `vite_asset()`, `vite_hmr()` and `vite_nonce()`.

How it works:
1. The functions are registered on the app's template engine when the app is created. Jinja, MiniJinja and Mako differ
   only in what they pass as context: a mapping, or a state with `lookup`.
2. In production, URLs come from the manifest. In development, they point to Vite.
3. A name that is missing from the build raises ConfigError with similar names, since a page without its script or image
   would fail silently. Without a build (in tests), nothing is checked.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

from litestar_vite._assets.tags import NONCE_SLOT, SafeHTML, dev_tags, fill_nonce
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from litestar.template import TemplateConfig

    from litestar_vite._assets.loader import AssetLoader
    from litestar_vite.config import ResolvedConfig


_TAG: Final = re.compile(rb"<script\b.*?</script>|<link\b[^>]*>", re.DOTALL)
_STYLES: Final = (".css", ".scss", ".sass", ".less", ".styl", ".stylus", ".pcss", ".postcss")
_HINT: Final = "A build contains the files that an entry imports. Files below build.assetsInlineLimit are inlined."


class TemplateAssets:
    """The tags and URLs that templates print."""

    def __init__(self, config: ResolvedConfig, assets: AssetLoader) -> None:
        self._config = config
        self._assets = assets
        self._urls: dict[str, str] = {}

    def tags(self, *entries: str) -> bytes:
        """Return the tags of entries without duplicates, with nonce slots.

        Raises:
            ConfigError: The build, or in development the project, does not have an entry.
        """
        parts: dict[bytes, None] = {}
        for entry in entries:
            self._check_entry(entry)
        for html in map(self._entry_tags, entries) if entries else (self._assets.tags(),):
            parts.update(dict.fromkeys(_TAG.findall(html)))
        return b"".join(parts)

    def hmr(self) -> bytes:
        """Return the tags of Vite's client in development, and nothing in production."""
        if not self._config.dev_mode:
            return b""
        own = self._assets.dev is not None
        tags = dev_tags(self._origin, "@vite/client", react_refresh=False, nonce=self._has_nonce, own=own)
        return b"".join(dict.fromkeys(_TAG.findall(tags)))

    def url(self, path: str) -> str:
        """Return the URL of a file: an asset or entry of the build, or a file of the public folder.

        Raises:
            ConfigError: The file does not exist.
        """
        path = path.lstrip("/")
        if self._config.dev_mode:
            self._check_file(path)
            return f"{self._origin}/{path}"
        found = self._urls.get(path)
        if found is None:
            # The cache is bounded by the names in templates, since they do not come from requests.
            found = self._urls[path] = self._config.base + self._built_file(path)
        return found

    def nonce(self, context: Any) -> str | None:
        """Return the nonce of the request for which a template is rendered."""
        if self._assets.nonce is None:
            return None
        # The context of a root template has the nonce, that of other templates the request.
        if isinstance(nonce := _value(context, "csp_nonce"), str):
            return nonce
        request = _value(context, "request")
        return self._assets.nonce(request) if request is not None else None

    @property
    def _origin(self) -> str:
        dev = self._assets.dev
        return (dev.base.rstrip("/") if dev is not None else self._config.dev_server_url) or ""

    @property
    def _has_nonce(self) -> bool:
        return self._assets.nonce is not None

    def _entry_tags(self, entry: str) -> bytes:
        if not self._config.dev_mode or not entry.endswith(_STYLES):
            return self._assets.tags(entry)
        # A link, so that the page is never shown unstyled. Vite's client replaces it when the file changes.
        link = '<link rel="stylesheet"{} href="{}/{}">'.format(
            f' nonce="{NONCE_SLOT.decode()}"' if self._has_nonce else "", self._origin, entry
        )
        return self.hmr() + link.encode()

    def _built_file(self, path: str) -> str:
        manifest = self._assets.manifest
        if manifest is None:
            return path
        if (chunk := manifest.chunks.get(path)) is not None:
            return chunk.file
        if not path.startswith(".") and (self._config.bundle_dir / path).is_file():
            return path
        known = [key for key in manifest.chunks if not key.startswith("_")]
        raise ConfigError(f"The Vite build lacks the file {path!r}. {_nearest(path, known)}{_HINT}")

    def _check_entry(self, entry: str) -> None:
        manifest = self._assets.manifest
        if self._config.dev_mode:
            self._check_file(entry)
        elif manifest is not None and entry not in manifest.chunks:
            entries = manifest.entries()
            raise ConfigError(
                f"The Vite build lacks the entry {entry!r}. {_nearest(entry, entries)}Its entries are {entries}."
            )

    def _check_file(self, path: str) -> None:
        """Check that a file exists. A name outside the root's folders may be a virtual or public file."""
        root = self._config.root
        folder = (root / path).parent
        if ":" in path or path.startswith("@") or folder == root or not folder.is_dir():
            return
        if not (root / path).is_file() and not (root / "public" / path).is_file():
            known = [file.relative_to(root).as_posix() for file in folder.iterdir() if file.is_file()]
            msg = f"The file {path!r} does not exist in '{root}'. {_nearest(path, known)}"
            raise ConfigError(msg.rstrip())


def register(engine: Any, templates: TemplateAssets) -> None:
    """Register the functions on one of Litestar's template engines, or on one with the same interface."""

    # Defined per engine, since engines set marks on the functions.
    def vite(context: Any, /, *entries: str) -> SafeHTML:
        return SafeHTML(fill_nonce(templates.tags(*entries), templates.nonce(context)).decode())

    def vite_hmr(context: Any, /) -> SafeHTML:
        return SafeHTML(fill_nonce(templates.hmr(), templates.nonce(context)).decode())

    def vite_asset(_context: Any, /, path: str) -> SafeHTML:
        # Escaped here, since MiniJinja would also escape "/".
        return SafeHTML(escape(templates.url(path), quote=True))

    def vite_nonce(context: Any, /) -> str:
        return templates.nonce(context) or ""

    functions: tuple[Callable[..., str], ...] = (vite, vite_hmr, vite_asset, vite_nonce)
    for function in functions:
        engine.register_template_callable(function.__name__, function)


def reload_templates(engine: Any) -> None:
    """Make MiniJinja read changed templates. Jinja and Mako do so automatically."""
    environment: Any = getattr(engine, "engine", None)
    if hasattr(environment, "reload_before_render"):
        environment.reload_before_render = True


def template_folders(config: TemplateConfig[Any]) -> list[str | PathLike[str]]:
    """Return the folders of an app's templates, or an empty list if its engine does not expose them."""
    folders: Any = config.directory
    if folders is None:
        return engine_folders(config.engine_instance)
    return [folders] if isinstance(folders, (str, PathLike)) else list(folders)


def engine_folders(engine: Any) -> list[str | PathLike[str]]:
    """Return the folders that Jinja's FileSystemLoader or Mako's TemplateLookup reads."""
    environment = getattr(engine, "engine", None)
    loader = getattr(environment, "loader", None)
    return list(getattr(loader, "searchpath", None) or getattr(environment, "directories", None) or ())


def _value(context: Any, name: str) -> Any:
    look_up = getattr(context, "lookup", None)
    return look_up(name) if look_up is not None else context.get(name)


def _nearest(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, list(known), n=3, cutoff=0.75)
    return f"Did you mean {' or '.join(map(repr, nearest))}? " if nearest else ""
