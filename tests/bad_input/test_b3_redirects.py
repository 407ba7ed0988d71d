"""B3: hostile targets of redirects, back redirects, external 409s and fragments, judged by Node's URL parser."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from litestar import Request, get
from litestar.response import Redirect

from litestar_vite.inertia import InertiaBack
from tests.bad_input.attack import ask_all, attacked_app
from tests.integration.asgi import Answer

ORIGIN = "http://testserver.local"
HOSTS = [
    "evil.com",
    "evil.com:80",
    "testserver.local.evil.com",
    "testserver.local@evil.com",
    "user:pw@evil.com",
    "[::1]",
    "2130706433",
    "evil。com",
    "%65vil.com",
]
LEADS = ["//", "///", "////", "/\\", "\\\\", "\\/", "/\\/", "\t//", "/\t/", "/\n/", "\r\n//", " //", "\x00//", "\x0b//", "http://", "https://", "http:/", "http:", "https:\\\\", "HTTP://", "hTtP:\t//", "http:///", "http:\\/", "ftp://", "ws://", "blob:http://", "//\t", "/./\\", "/%09/", "/%5c"]  # fmt: skip
OTHERS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "mailto:a@b",
    "/ok", "/ok?x=1#y", "ok", "?x", "#y", "", ".", "..", "/..//evil.com", "/a/..//evil.com", "/.//evil.com", "/\r\nSet-Cookie: a=b", "/é", "/%0d%0aX: y", "/a b",
    "http://testserver.local/in", "http://testserver.local:80/in", "http://TESTSERVER.local/in", "https://testserver.local/in", "http://testserver.local:81/in",
    "http://testserver.local\\@evil.com", "http://evil.com\\testserver.local", "http://testserver.local#@evil.com", "http://testserver.local?@evil.com", "//testserver.local/in",
]  # fmt: skip
TARGETS = list(
    dict.fromkeys(
        [*(lead + host + tail for lead, host, tail in itertools.product(LEADS, HOSTS, ["", "/path"])), *OTHERS]
    )
)


def browser_goes(targets: list[str]) -> list[dict[str, str] | None]:
    """Resolve each Location against a page of the app, with Node's WHATWG URL parser."""
    node = shutil.which("node")
    assert node is not None, "this test needs Node, like the rest of the suite"
    script = Path(__file__).with_name("whatwg.mjs")
    pairs = json.dumps([[f"{ORIGIN}/from/here", target] for target in targets])
    done = subprocess.run([node, str(script)], input=pairs, capture_output=True, text=True, check=True, timeout=120)
    found: list[dict[str, str] | None] = json.loads(done.stdout)
    return found


@get("/back", sync_to_thread=False)
def back(request: Request[object, object, object]) -> Redirect:
    return InertiaBack(request)  # type: ignore[arg-type]


def where(answer: Answer) -> str | None:
    return next(
        (
            value
            for name in ("location", "x-inertia-location", "x-inertia-redirect")
            if (value := answer.header(name)) is not None
        ),
        None,
    )


def test_there_are_at_least_five_hundred_forms() -> None:
    assert len(TARGETS) >= 500


def test_redirect_and_back_never_leave_the_origin(site: Path) -> None:
    app = attacked_app(site)
    app.register(back)
    inertia = [(b"x-inertia", b"true"), (b"x-inertia-version", b"1")]
    requests = []
    for target in TARGETS:
        for headers in ([], inertia):
            requests.append(("GET", f"/go?to={quote(target, safe='')}", headers))
            referer = target.encode("latin-1", "replace").translate(None, b"\r\n\x00")
            requests.append(("GET", "/back", [*headers, (b"referer", referer)]))
    answers = ask_all(app, requests)
    locations = [where(answer) for answer in answers]
    assert all(locations), "every response must have a target"
    for request, answer, location, goes in zip(
        requests, answers, locations, browser_goes([str(place) for place in locations]), strict=True
    ):
        assert answer.status in {302, 303, 409}, request
        assert goes is not None, (request, location)
        assert goes["origin"] == ORIGIN, (request, location)
        assert not any(ord(char) < 32 for char in str(location)), (request, location)


def test_a_plain_redirect_to_anywhere_sends_an_inertia_client_to_web_addresses_only(site: Path) -> None:
    inertia = [(b"x-inertia", b"true"), (b"x-inertia-version", b"1")]
    targets = [target for target in TARGETS if not set(target) & set("\r\n")]
    answers = ask_all(
        attacked_app(site), (("POST", f"/raw?to={quote(target, safe='')}", inertia) for target in targets)
    )
    places = [answer.header("x-inertia-location") or "/" for answer in answers]
    for target, answer, place, goes in zip(targets, answers, places, browser_goes(places), strict=True):
        assert answer.status < 500, target
        assert goes is None or goes["protocol"] in {"http:", "https:"}, (target, place)
