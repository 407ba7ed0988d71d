"""Loads the build once at start-up and answers with ready-made bytes from then on."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from litestar_vite.assets.dev import DevShell
from litestar_vite.assets.html import DEFAULT_SHELL, HTMLShell, entry_of, parse_shell
from litestar_vite.assets.manifest import Manifest, parse_manifest
from litestar_vite.assets.tags import chunk_tags, dev_tags, entry_tags
from litestar_vite.exceptions import ConfigError, ManifestError, ManifestNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from litestar_vite.config import ResolvedConfig

__all__ = ("AssetLoader",)

# Shown in place of a page that no browser could start. It names the remedy and nothing of the machine.
_NOT_BUILT = (
    b'<div style="font:16px/1.5 system-ui;max-width:36rem;margin:15vh auto;padding:0 1rem">'
    b"<h1>This page cannot start yet</h1><p>The front end has not been built, or its build is incomplete. "
    b"Run <code>npm run build</code> in the front end's folder and restart the server.</p>"
    b"<p>While developing no build is needed: start the server with <code>--reload</code>, or set <code>VITE_DEV_MODE=1</code>.</p></div>"
)

# Where our Vite plugin looks for the client entry, too (src/js/src/entry.ts).
_DEV_ENTRIES: Final = tuple(
    f"src/{stem}.{extension}" for stem in ("app", "main") for extension in ("tsx", "jsx", "ts", "js")
)


class AssetLoader:
    """The assets of one app.

    A missing or broken build does not keep the app from starting: `problem` says what is wrong, and pages show a
    notice.

    Attributes:
        manifest: The build, None in dev mode or when there is a problem.
        problem: Why there is no manifest, None when all is well.
        version: The manifest's hash, None without one.
        dev: The document in development, None in production.
        notice: HTML for the body of a page that cannot start, empty when all is well.
    """

    __slots__ = (
        "_config",
        "_entry",
        "_entry_closure",
        "_index_html",
        "_page_tags",
        "dev",
        "manifest",
        "notice",
        "problem",
    )

    def __init__(self, config: ResolvedConfig) -> None:
        self._config = config
        self._index_html = _read_shell(config.index_html)
        self._page_tags: dict[str, bytes] = {}
        self.manifest: Manifest | None = None
        self.problem: ManifestError | None = None
        self._entry: str | None = config.vite.entry or (entry_of(self._index_html) if self._index_html else None)
        if self._entry is None and config.dev_mode:
            self._entry = next((path for path in _DEV_ENTRIES if (config.root / path).is_file()), None)
        self._entry_closure = None
        if not config.dev_mode:
            try:
                self.manifest = self._load()
                self._entry = self._entry_in(self.manifest)
                self._entry_closure = self.manifest.closure(self._entry)
            except ManifestError as error:
                self.manifest, self.problem = None, error
        # Only with a Vite of our own: one that the user starts is linked and not asked.
        self.dev = (
            DevShell(config, self._entry, self.shell) if config.dev_mode and config.dev_server_url is None else None
        )
        self.notice = b""
        self.show_notice(shown=True)

    @property
    def version(self) -> str | None:
        return self.manifest.version if self.manifest else None

    def show_notice(self, *, shown: bool) -> None:
        """Show the notice if there is a problem, or never; tests need no build."""
        self.notice = _NOT_BUILT if shown and self.problem is not None else b""

    def shell(self, element_id: str) -> HTMLShell:
        """Split index.html, or the built-in document, around the tags of the entry."""
        if self._index_html is not None:
            return parse_shell(
                self._index_html, self.tags(), element_id=element_id, origin=str(self._config.index_html)
            )
        source = DEFAULT_SHELL.replace('id="app"', f'id="{element_id}"')
        return parse_shell(source, self.tags(), element_id=element_id, origin="built-in shell")

    def tags(self, *entries: str) -> bytes:
        """Return the tags that load the entry, or the entries named.

        Raises:
            ConfigError: The build has no such entry.
        """
        return b"".join(map(self._tags_of, entries or (self._entry,)))

    def page_tags(self, component: str) -> bytes:
        """Return preloads and styles for a page component's own chunk; empty when it is not a chunk of its own."""
        found = self._page_tags.get(component)
        if found is None:
            manifest = self.manifest
            key = manifest.pages.get(component) if manifest else None
            if manifest is None or key is None:
                # Not remembered: names may come from requests, and the table must not grow with them.
                return b""
            found = chunk_tags(
                manifest.closure(key), self._config.base, without=self._entry_closure, nonce=self._has_nonce
            )
            self._page_tags[component] = found
        return found

    @property
    def nonce(self) -> Callable[[Any], str] | None:
        """Makes a request's CSP nonce, None when none is configured."""
        return self._config.vite.csp_nonce

    @property
    def _has_nonce(self) -> bool:
        return self._config.vite.csp_nonce is not None

    def _tags_of(self, entry: str | None) -> bytes:
        config = self._config
        if config.dev_mode:
            if entry is None:
                msg = "ViteConfig.entry is not set. In dev mode name the entry, for example entry='src/app.tsx'."
                raise ConfigError(msg)
            refresh = config.vite.react_refresh
            if refresh is None:
                refresh = entry.endswith((".tsx", ".jsx"))
            # Same origin when Vite is our own: the app's port hands its files through.
            origin = self.dev.base.rstrip("/") if self.dev is not None else config.dev_server_url or ""
            own = self.dev is not None
            return dev_tags(origin, entry, react_refresh=refresh, nonce=self._has_nonce, own=own)
        if self.manifest is None:
            return b""
        if entry is None or entry not in self.manifest.chunks:
            msg = f"The Vite build has no entry {entry!r}; it has {self.manifest.entries()}."
            raise ConfigError(msg)
        return entry_tags(self.manifest.closure(entry), config.base, nonce=self._has_nonce)

    def _load(self) -> Manifest:
        path = self._config.manifest_path
        try:
            raw = path.read_bytes()
        except OSError as error:
            msg = (
                f"No Vite manifest at '{path}' ({error.strerror}). Build the front end (npm run build, with "
                "build.manifest on), or set dev_mode=True."
            )
            raise ManifestNotFoundError(msg) from error
        return parse_manifest(raw, str(path))

    def _entry_in(self, manifest: Manifest) -> str:
        entries = manifest.entries()
        if self._entry is not None:
            if self._entry in manifest.chunks:
                return self._entry
            # index.html itself was the input of the build; its key is its path in the root.
            index_html = PurePath(self._config.vite.index_html).as_posix()
            if index_html in manifest.chunks:
                return index_html
            msg = f"The Vite build has no entry {self._entry!r}; it has {entries}. Set ViteConfig.entry to one of them."
            raise ManifestError(msg)
        if len(entries) == 1:
            return entries[0]
        msg = f"The Vite build has {len(entries)} entries: {entries}. Set ViteConfig.entry to the one that starts the app."
        raise ManifestError(msg)

    def __repr__(self) -> str:
        state = f"version={self.version}" if self.manifest else "dev" if self._config.dev_mode else "no build"
        return f"<AssetLoader {state} entry={self._entry!r}>"


def _read_shell(index_html: Path) -> str | None:
    """Return the text of index.html, None when there is none."""
    if not index_html.is_file():
        return None
    try:
        return index_html.read_text("utf-8")
    except UnicodeDecodeError as error:
        msg = f"The HTML shell '{index_html}' is not UTF-8: {error}. Save it as UTF-8."
        raise ConfigError(msg) from error
