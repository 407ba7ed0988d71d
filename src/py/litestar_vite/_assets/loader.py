"""Loads the build at start-up, and serves precomputed bytes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, Final

from litestar_vite._assets.dev import DevShell
from litestar_vite._assets.document_marks import Marks
from litestar_vite._assets.file_list import read_list
from litestar_vite._assets.html import DEFAULT_SHELL, HTMLShell, entry_of, parse_shell
from litestar_vite._assets.links import links_of
from litestar_vite._assets.manifest import Closure, Manifest, parse_manifest
from litestar_vite._assets.scriptless import without_scripts
from litestar_vite._assets.tags import chunk_tags, dev_tags, entry_tags
from litestar_vite.config import ResolvedConfig
from litestar_vite.exceptions import ConfigError, ManifestError, ManifestNotFoundError

# Shown instead of a page without a build. Suggests a fix, and reveals nothing about the server.
_NOT_BUILT = (
    b'<div style="font:16px/1.5 system-ui;max-width:36rem;margin:15vh auto;padding:0 1rem">'
    b"<h1>This page cannot be shown yet</h1><p>The front end has not been built, or its build is incomplete. "
    b"Run <code>npm run build</code> in the front end's folder, and restart the server.</p>"
    b"<p>Development needs no build: start the server with <code>--reload</code>, or set "
    b"<code>VITE_DEV_MODE=1</code>.</p></div>"
)

# The same candidates as in the Vite plugin (src/js/src/entry.ts).
DEV_ENTRIES: Final = tuple(
    f"src/{stem}.{extension}" for stem in ("app", "main") for extension in ("tsx", "jsx", "ts", "js")
)


class AssetLoader:
    """The assets of an app.

    The app also starts without a valid build. In this case `problem` is set, and pages show a notice.

    Attributes:
        root: The Vite root.
        manifest: The manifest; None in dev mode or if there is a problem.
        problem: Why the manifest could not be loaded, or None.
        version: The hash of the manifest and of the built document; None without a manifest.
        dev: The document in development; None in production.
        notice: HTML shown instead of a page if there is a problem; else empty.
    """

    def __init__(self, config: ResolvedConfig) -> None:
        self._config = config
        self.root = config.root
        self._index_html = _read_shell(config.index_html)
        # By component, and whether the document has scripts.
        self._page_tags: dict[tuple[str, bool], bytes] = {}
        self._links: dict[tuple[str, bool], tuple[bytes, ...]] = {}
        # By component and scripts, followed by the entries of the document.
        self._area_tags: dict[tuple[str | bool, ...], bytes] = {}
        self.manifest: Manifest | None = None
        self.problem: ManifestError | None = None
        self._script = entry_of(self._index_html) if self._index_html else None
        self._entry: str | None = config.vite.entry or self._script
        if self._entry is None and config.dev_mode:
            self._entry = next((path for path in DEV_ENTRIES if (config.root / path).is_file()), None)
        self._entry_closure: Closure | None = None
        self._document: str | None = None
        self._linked = set[str]()
        self._cors_styles = set[str]()
        if not config.dev_mode:
            try:
                self._load_build()
            except ManifestError as error:
                self.manifest, self.problem, self._document = None, error, None
        # Only if the app starts Vite. A dev server started by the user is only linked.
        self.dev = (
            DevShell(config, self._entry, self.shell) if config.dev_mode and config.dev_server_url is None else None
        )
        self.notice = b""
        self.show_notice(shown=True)

    @property
    def version(self) -> str | None:
        return self.manifest.version if self.manifest else None

    @property
    def document_path(self) -> str | None:
        """The path of the document in the build, or None if the build does not contain one."""
        return self._document_key if self._document is not None else None

    def read_again(self) -> bool:
        """Load a build that was created since start-up, and return whether it is complete.

        An app that started without a build does not serve built files, and must be restarted.
        """
        if self.manifest is None:
            return False
        made = AssetLoader(self._config)
        if made.manifest is None:
            return False
        for name in ("manifest", "_document", "_linked", "_cors_styles", "_index_html", "_script", "_entry"):
            setattr(self, name, getattr(made, name))
        self._entry_closure = made._entry_closure
        self._page_tags, self._area_tags, self._links = {}, {}, {}
        return True

    def show_notice(self, *, shown: bool) -> None:
        """Set whether a problem shows the notice. Tests turn it off, since they need no build."""
        self.notice = _NOT_BUILT if shown and self.problem is not None else b""

    def shell(self, element_id: str, *, scripts: bool = True) -> HTMLShell:
        """Return the built index.html; without one, index.html or the built-in document with the entry's tags.

        Without `scripts`, the document loads the styles of the front end only.
        """
        tags, keeps_entry = b"", self._document is not None
        if self._document is not None:
            source, origin = self._document, str(self._config.bundle_dir / self._document_key)
        else:
            tags = self.tags(scripts=scripts)
            source, origin = DEFAULT_SHELL.replace('id="app"', f'id="{element_id}"'), "built-in shell"
            if self._index_html is not None:
                source, origin = self._index_html, str(self._config.index_html)
        if not scripts:
            source = without_scripts(source, self._config.base)
        return parse_shell(
            source, tags, element_id=element_id, origin=origin, keeps_entry=keeps_entry, nonce=self._has_nonce
        )

    def tags(self, *entries: str, scripts: bool = True) -> bytes:
        """Return the tags that load the entry, or the given entries; without `scripts`, only their styles.

        Raises:
            ConfigError: The build does not have the entry.
        """
        return b"".join(self._tags_of(entry, scripts=scripts) for entry in entries or (self._entry,))

    def page_tags(self, component: str, *, scripts: bool = True) -> bytes:
        """Return the preload and style tags of a page component's chunk, or nothing if it is not a separate chunk."""
        found = self._page_tags.get((component, scripts))
        if found is None:
            manifest, key = self.manifest, self._page_key(component)
            if manifest is None or key is None:
                # Not cached: names may come from requests, which must not grow the table.
                return b""
            found = self._chunk_tags(manifest.closure(key), self._entry_closure, scripts=scripts)
            self._page_tags[component, scripts] = found
        return found

    def lacks_page(self, component: str) -> bool:
        """Return whether other pages of the client build are separate chunks, but not this one."""
        manifest = self.manifest
        return manifest is not None and bool(manifest.pages) and component not in manifest.pages

    def links(self, component: str, *, scripts: bool = True) -> tuple[bytes, ...]:
        """Return the values of the `Link` header of a page's document; none in development and with a nonce, which
        browsers would miss.
        """
        found = self._links.get((component, scripts))
        if found is None:
            manifest = self.manifest
            if manifest is None or self._has_nonce:
                return ()
            key = self._page_key(component)
            page = manifest.closure(key) if key is not None else None
            # Only routes' components come here, so the table does not grow with requests.
            found = links_of(self._entry_closure, page, self._config.base, cors=self._cors_styles, scripts=scripts)
            self._links[component, scripts] = found
        return found

    def page_tags_beside(self, component: str, entries: tuple[str | None, ...], *, scripts: bool = True) -> bytes:
        """Return the tags of a page component's chunk for a document that loads these entries; None is the app's entry.

        Two areas may have pages of one name, and an area's page may need styles that only the other's entry loads.
        """
        manifest = self.manifest
        if manifest is None or not any(entries):
            return self.page_tags(component, scripts=scripts)
        named = [self._entry if entry is None else self._key_of(entry) for entry in entries]
        keys = [key for key in named if key is not None and key in manifest.chunks]
        found = self._area_tags.get((component, scripts, *keys))
        if found is None:
            pages = (manifest.page_key(component, key, key) for key in keys)
            page = next((page for page in pages if page is not None), None)
            if page is None:
                return b""
            found = self._chunk_tags(manifest.closure(page), *map(manifest.closure, keys), scripts=scripts)
            self._area_tags[component, scripts, *keys] = found
        return found

    def _page_key(self, component: str) -> str | None:
        script = self._config.vite.entry or self._script
        return self.manifest.page_key(component, self._entry, script) if self.manifest else None

    def _chunk_tags(self, closure: Closure, *without: Closure | None, scripts: bool) -> bytes:
        known, base = filter(None, without), self._config.base
        return chunk_tags(closure, base, without=known, linked=self._linked, nonce=self._has_nonce, scripts=scripts)

    @property
    def nonce(self) -> Callable[[Any], str | None] | None:
        """The function that returns a request's CSP nonce, or None if it is not configured."""
        return self._config.vite.csp_nonce

    @property
    def _has_nonce(self) -> bool:
        return self._config.vite.csp_nonce is not None

    def _tags_of(self, entry: str | None, *, scripts: bool) -> bytes:
        config = self._config
        if config.dev_mode:
            if entry is None:
                raise ConfigError("ViteConfig.entry is not set. Dev mode needs it, for example entry='src/app.tsx'.")
            refresh = config.vite.react_refresh
            if refresh is None:
                refresh = entry.endswith((".tsx", ".jsx"))
            # If the app started Vite, it proxies Vite's files on its own origin.
            origin = self.dev.base.rstrip("/") if self.dev is not None else config.dev_server_url or ""
            own = self.dev is not None
            entry, refresh = (entry, refresh) if scripts else (None, False)
            return dev_tags(origin, entry, react_refresh=refresh, nonce=self._has_nonce, own=own)
        if self.manifest is None:
            return b""
        entry = self._key_of(entry) if entry is not None else None
        if entry is None or entry not in self.manifest.chunks:
            raise ConfigError(f"The Vite build lacks the entry {entry!r}. Its entries are {self.manifest.entries()}.")
        return entry_tags(self.manifest.closure(entry), config.base, nonce=self._has_nonce, scripts=scripts)

    def _key_of(self, entry: str) -> str:
        """Return the entry's key in the manifest. The module script of index.html is part of its chunk."""
        is_in_document = self.manifest is not None and entry not in self.manifest.chunks and entry == self._script
        return self._document_key if is_in_document else entry

    @property
    def _document_key(self) -> str:
        """The key of index.html in the manifest, and the built document's path in the build."""
        return PurePath(self._config.vite.index_html).as_posix()

    def _load_build(self) -> None:
        """Load the manifest, and the document if the build contains one."""
        document = _read_shell(self._config.bundle_dir / self._document_key)
        self.manifest = manifest = self._load_manifest(document or "")
        is_input = self._document_key in manifest.chunks
        named = self._config.vite.entry
        if is_input and document is not None and (named is None or named not in manifest.chunks):
            self._entry = self._document_key
        else:
            try:
                self._entry = self._entry_in(manifest)
                # A document that was only copied from `public` was not transformed by the build.
                document = document if self._entry == self._document_key else None
            except ManifestError:
                # Vite leaves an entry out of the manifest if it only imports other chunks. Its document names them.
                if document is None or manifest.entries():
                    raise
                self._entry = None
        self._entry_closure = manifest.closure(self._entry) if self._entry is not None else None
        if document is not None:
            marks = Marks.of(document)
            self._document, self._linked, self._cors_styles = document, marks.linked, marks.cors_styles

    def _load_manifest(self, document: str) -> Manifest:
        path = self._config.manifest_path
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise ManifestNotFoundError(
                f"No Vite manifest at '{path}' ({error.strerror}). Build the front end (npm run build, with "
                "build.manifest enabled), or set dev_mode=True."
            ) from error
        return parse_manifest(raw, str(path), read_list(self._config.bundle_dir) + document.encode())

    def _entry_in(self, manifest: Manifest) -> str | None:
        entries = manifest.entries()
        if self._entry is not None:
            if self._entry in manifest.chunks:
                return self._entry
            # If index.html was the input of the build, the key is its path.
            if self._document_key in manifest.chunks:
                return self._document_key
            raise ManifestError(
                f"The Vite build lacks the entry {self._entry!r}. Set ViteConfig.entry to one of {entries}."
            )
        if len(entries) == 1:
            return entries[0]
        if self._config.inertia is None and self._config.spa is None:
            return None  # Each template names its own entry.
        raise ManifestError(
            f"The Vite build has {len(entries)} entries: {entries}. Set ViteConfig.entry to the app's entry."
        )

    def __repr__(self) -> str:
        state = f"version={self.version}" if self.manifest else "dev" if self._config.dev_mode else "no build"
        return f"<AssetLoader {state} entry={self._entry!r}>"


def _read_shell(index_html: Path) -> str | None:
    """Return the text of index.html, or None if it does not exist."""
    if not index_html.is_file():
        return None
    try:
        return index_html.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"'{index_html}' is not UTF-8: {error}. Save it as UTF-8.") from error
