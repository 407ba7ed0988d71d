"""Two pages, the second with additional styles, under a Content-Security-Policy with a nonce."""

import os
import secrets
from pathlib import Path

from litestar import Litestar, Request, get
from litestar.types import Message, Scope

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

DOCUMENTS = {"react": "index.html", "vue": "vue.html", "svelte": "svelte.html"}


def nonce_of(connection: Request) -> str:
    return connection.scope["state"].setdefault("nonce", secrets.token_urlsafe(8))


async def add_policy(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start" and (nonce := scope["state"].get("nonce")):
        policy = f"style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}' 'strict-dynamic'"
        message["headers"] = [*message["headers"], (b"content-security-policy", policy.encode())]


@get("/", component="Home")
async def home() -> dict[str, str]:
    return {}


@get("/styled", component="Styled")
async def styled() -> dict[str, str]:
    return {}


app = Litestar(
    [home, styled],
    plugins=[
        VitePlugin(
            ViteConfig(
                root=Path(__file__).parent,
                index_html=DOCUMENTS[os.environ["ZOO"]],
                csp_nonce=nonce_of,
                inertia=InertiaConfig(),
            )
        )
    ],
    before_send=[add_policy],
    openapi_config=None,
)
