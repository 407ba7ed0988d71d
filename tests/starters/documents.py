"""The elements of a document, for comparing development with production."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx

from tests.e2e.server import wait_for

# Only in development: Vite's client, the React preamble, Vue's devtools, litestar-vite's client, source styles.
_DEVELOPMENT = re.compile(
    r"/@vite/client|@react-refresh|@litestar-vite|/@id/|vue-devtools|vue-inspector|data-vite-dev-id"
    r"|/static/src/[^\"']+\.css"
)
# Only in a build: scripts for old browsers, the registration of the service worker, and chunks.
_BUILD = re.compile(
    r"nomodule|vite_is_modern_browser|registerSW|webmanifest|modulepreload|/assets/[^\"']+\.(?:js|css)|page\.css"
)
_ENTRY = re.compile(r'type="module"[^>]* src=|src="[^"]*/src/')
_VOID = {"meta", "link", "img", "br", "input", "hr"}


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = " ".join(
            sorted(f'{name}="{value or ""}"' for name, value in attrs if name not in {"nonce", "crossorigin"})
        )
        where = "head" if "head" in self.open else "body" if "body" in self.open else ""
        self.found.append((f"{where} {tag}", attributes))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        # Void elements such as `<meta />` are never open.
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = re.sub(r"[\s;]+", "", data)
        if text:
            place, attributes = self.found[-1]
            self.found[-1] = (place, f"{attributes} {text}")


def elements_of(html: str) -> list[tuple[str, str]]:
    """Return the elements that development and production share, without the names of built files."""
    parser = _Elements()
    parser.feed(re.sub(r'<script data-page="app".*?</script>', "", html, flags=re.DOTALL))
    found = []
    for place, attributes in parser.found:
        text = f"{place} {attributes}"
        if _DEVELOPMENT.search(text) or _BUILD.search(text) or (place.endswith("script") and _ENTRY.search(text)):
            continue
        # A build inlines small images in the document. CSRF tokens differ between visitors.
        text = re.sub(r'src="(?:data:image/[^"]*|[^"]*\.svg)"', 'src="…"', attributes)
        found.append((place, re.sub(r"[0-9a-f]{64,}", "…", text)))
    return sorted(found)


def fetch_document(url: str) -> str:
    """Return a page as the server sends it to a browser."""
    return httpx.get(url, headers={"accept": "text/html"}, timeout=60, trust_env=False).text


def document_from_sources(url: str, pattern: str) -> str:
    """Wait until a page served with Vite matches the pattern, and return it."""
    text = ""

    def is_ready() -> bool:
        nonlocal text
        text = fetch_document(url)
        return re.search(pattern, text) is not None

    wait_for(is_ready, f"a page with {pattern!r} from the sources")
    return text
