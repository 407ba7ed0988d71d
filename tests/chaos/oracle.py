"""Judge every response: a whole page of the right user, rendered by the server or by the browser, without any text
from a faulty render response.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from tests.chaos import profile
from tests.chaos.rendering import SECRET
from tests.chaos.routes import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.machine import Series

    from tests.chaos.driver import Answer

__all__ = ("Verdicts", "judge")

_PAGE_SCRIPT = re.compile(rb'<script[^>]*\bdata-page="app"[^>]*>(.*?)</script>', re.DOTALL)
_SSR_MARK = re.compile(rb'data-ssr="([^"]*)"')


def judge(answer: Answer) -> str:  # noqa: PLR0911 - one return for each defect
    """Return "ssr", "csr", or a description of the defect."""
    if answer.status != 200:
        return f"status {answer.status} {answer.problem}".strip()
    headers = dict(answer.headers)
    if not headers.get(b"content-type", b"").startswith(b"text/html"):
        return f"content type {headers.get(b'content-type')!r}"
    # The peer's HTML responses contain `X-Inertia: true` after the first page. That is not what this suite measures.
    if profile.SUBJECT == "ours" and (b"x-inertia" in headers or b"x-inertia" not in headers.get(b"vary", b"").lower()):
        return "X-Inertia or Vary"
    if SECRET.encode() in answer.body:
        return "text of the render server in the page"
    if not answer.body.rstrip().endswith(b"</html>"):
        return "truncated"
    scripts = _PAGE_SCRIPT.findall(answer.body)
    if len(scripts) != 1:
        return f"{len(scripts)} page scripts"
    return _judge_page(answer, scripts[0])


def _judge_page(answer: Answer, script: bytes) -> str:
    try:
        page: dict[str, Any] = msgspec.json.decode(script)
    except msgspec.DecodeError as error:
        return f"page JSON: {error}"
    user = answer.path.partition("?")[0].rpartition("/")[2]
    props = page.get("props", {})
    if props.get("user") != user or props.get("rows") != ROWS:
        return "props of another user, or changed"
    marks = _SSR_MARK.findall(answer.body)
    if not marks:
        return "csr"
    return "ssr" if marks == [user.encode()] else "another user's markup"


class Verdicts:
    """The judged responses of one run."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self.answers = list(answers)
        self.kinds = [judge(answer) for answer in self.answers]

    def take_off(self, waited: Series) -> None:
        """Subtract the time that the app's loop waited for a core from each latency."""
        for answer in self.answers:
            answer.waited += waited.between(answer.started, answer.started + answer.seconds)

    @property
    def ssr(self) -> int:
        return self.kinds.count("ssr")

    @property
    def csr(self) -> int:
        return self.kinds.count("csr")

    @property
    def bad(self) -> dict[str, int]:
        """The number of responses with each defect."""
        found: dict[str, int] = {}
        for kind in self.kinds:
            if kind not in {"ssr", "csr"}:
                found[kind] = found.get(kind, 0) + 1
        return found

    def seconds(self, quantile: float, *, after: float = 0.0, kind: str | None = None, raw: bool = False) -> float:
        """Return a quantile of the latencies of requests made `after` or more seconds into the run.

        `raw` includes the waits for a core."""
        if not self.answers:
            return 0.0
        start = min(answer.started for answer in self.answers)
        chosen = sorted(
            answer.seconds if raw else answer.own_seconds
            for answer, verdict in zip(self.answers, self.kinds, strict=True)
            if answer.started - start >= after and kind in {None, verdict}
        )
        return chosen[min(len(chosen) - 1, int(len(chosen) * quantile))] if chosen else 0.0

    def only(self, wanted: str) -> Verdicts:
        """Return the responses for paths that start with `wanted`."""
        return Verdicts(answer for answer in self.answers if answer.path.startswith(wanted))
