"""The stage for a cell: a control app without SSR, a render server, and a fresh app in front of it, with load on both
apps in turn.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import Series, pressure
from benchmarks.peer import PYTHON as PEER_PYTHON
from benchmarks.project import built_project

from tests.chaos import profile
from tests.chaos.driver import visit
from tests.chaos.oracle import Verdicts
from tests.chaos.processes import AppServer, RenderServer, refusing_port
from tests.chaos.results import Results, Row
from tests.support import make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("DEADLINE", "Stage")

DEADLINE = 0.5
"""The render deadline of these apps in seconds; short, so that a run with hanging renders is short."""

BUNDLE = Path(__file__).with_name("bundle.mjs")


class Stage:
    """Resources shared by all cells of a run: control apps, one render server, and the results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = Results()
        self.render = RenderServer()
        self._controls: dict[str, AppServer] = {}
        self._hosts: dict[str, AppServer] = {}
        self._fault_file = folder / "fault.json"
        if profile.SUBJECT == "peer":
            self._project = built_project(bundle="public", manifest="manifest.json")
            self.root = self._project.__enter__()
        else:
            self.root = make_site(folder / "site")
            ssr = self.root / "dist" / "ssr"
            ssr.mkdir()
            (ssr / "ssr.mjs").write_text(BUNDLE.read_text())

    def close(self) -> None:
        for server in (*self._controls.values(), *self._hosts.values()):
            server.stop()
        self.render.end()
        if profile.SUBJECT == "peer":
            self._project.__exit__(None, None, None)

    def control(self, kind: str) -> AppServer:
        """Return the app without SSR, which runs until the end of the run."""
        if kind not in self._controls:
            self._controls[kind] = self._server(kind, None)
        return self._controls[kind]

    @contextmanager
    def hosted(self, kind: str, fault: str, **ssr: Any) -> Iterator[AppServer]:
        """Like `app`, but in a process that hosts one app after another."""
        with refusing_port() as refusing:
            if fault != "refused":
                self.tell(fault=fault, delay=0.0, reset=True)
            settings = self._ssr(f"http://127.0.0.1:{refusing}" if fault == "refused" else self.render.url, fault, ssr)
            host = self._hosts.get(kind)
            if host is None:
                host = self._hosts[kind] = self._server(kind, None, factory="create_host")
            host.post_json("/host", self._options(settings))
            self._warm_the_peer(host, fault)
            host.forget_log()
            try:
                yield host
            finally:
                host.post_json("/host", self._options(None))

    @contextmanager
    def app(self, kind: str, fault: str | None, *, delay: float = 0.0, **ssr: Any) -> Iterator[AppServer]:
        """Start a fresh app (closed breaker, empty pool) in front of the faulty render server. If `fault` is None, the
        app starts Node workers instead.
        """
        with refusing_port() as refusing:
            if fault not in {None, "refused"}:
                self.tell(fault=fault, delay=delay, reset=True)
            url = f"http://127.0.0.1:{refusing}" if fault == "refused" else None if fault is None else self.render.url
            server = self._server(kind, self._ssr(url, fault, ssr))
            self._warm_the_peer(server, fault, delay)
            try:
                yield server
            finally:
                server.stop()

    def _warm_the_peer(self, server: AppServer, fault: str | None, delay: float = 0.0) -> None:
        """Request a page, which starts the peer's workers; otherwise, every cell would count it as a failure."""
        if profile.SUBJECT != "peer" or fault == "refused":
            return
        if fault is not None:
            self.tell(fault="ok", delay=0.0, reset=True)
        asyncio.run(visit(server.port, 1, seconds=1.0))
        if fault is not None:
            self.tell(fault=fault, delay=delay, reset=True)

    def tell(self, **command: Any) -> dict[str, Any]:
        """Set the fault of the scripted render server."""
        if profile.SUBJECT == "peer":
            known = json.loads(self._fault_file.read_text()) if self._fault_file.exists() else {}
            self._fault_file.write_text(json.dumps({**known, **command}))
            log = self._fault_file.with_suffix(".log")
            if command.get("reset"):
                log.write_text("")
            asked = [line.split() for line in log.read_text().splitlines()] if command.get("asked") else []
            return {"asked": [(float(when), user) for when, user in asked]} if command.get("asked") else {}
        return self.render.tell(**command)

    def _ssr(self, url: str | None, fault: str | None, ssr: dict[str, Any]) -> dict[str, Any]:
        if profile.SUBJECT != "peer":
            return {"timeout_seconds": DEADLINE, **({"url": url} if url else {}), **ssr}
        worker = (
            ["node", str(BUNDLE.with_name("peer_worker.mjs"))]
            if fault is None
            else [str(PEER_PYTHON), "-m", "tests.chaos.peer_worker"]
        )
        command = ["false"] if fault == "refused" else [*worker, str(self._fault_file)]
        # The peer's breaker pauses for 30 s by default, longer than any cell. Our 1 s makes the breakers comparable.
        breaker = {"circuit_breaker_reset_timeout": 1.0, "circuit_breaker_enabled": profile.PEER_BREAKER}
        return {
            "command": command,
            "cwd": str(Path(__file__).parents[2]),
            "timeout": ssr.get("timeout_seconds", DEADLINE),
            **breaker,
        }

    def _options(self, ssr: dict[str, Any] | None) -> dict[str, Any]:
        return {"subject": profile.SUBJECT, "root": str(self.root), "ssr": ssr}

    def _server(self, kind: str, ssr: dict[str, Any] | None, factory: str = "create_app") -> AppServer:
        python = str(PEER_PYTHON) if profile.SUBJECT == "peer" else sys.executable
        return AppServer(kind, self._options(ssr), self.folder, python=python, factory=factory)

    def load(
        self, server: AppServer, visitors: int, seconds: float, *, adjusts: bool = True, **options: Any
    ) -> tuple[Verdicts, dict[str, Any]]:
        """Run visitors, and return their judged responses and the app's vital signs during that time.

        Without `adjusts`, the latencies include the waits for a core: sending every tick of half an hour would leave
        megabytes of fragments in the app.
        """
        server.vitals(reset=True)
        stalled = pressure()
        answers = asyncio.run(visit(server.port, visitors, seconds=seconds, **options))
        stalled = pressure() - stalled
        verdicts, vitals = Verdicts(answers), server.vitals(series=adjusts)
        if adjusts:
            verdicts.take_off(Series(vitals.pop("waited")))
        took = answers[-1].started + answers[-1].seconds - answers[0].started
        return verdicts, {**vitals, "stalled": stalled / max(0.001, took)}

    def measure(self, gate: str, kind: str, fault: str, visitors: int, run: Callable[[Row], None]) -> Row:
        """Measure a cell, and repeat it once if only wall-clock checks fail. Adds the row to the results."""
        row = Row(gate, kind, fault, visitors)
        for number in (1, 2):
            row = Row(gate, kind, fault, visitors, notes=[], checks=[], bad={}, measured=number)
            run(row)
            if row.passed or any(not check.passed and not check.is_wall_clock for check in row.checks):
                break
        self.results.add(row)
        return row

    def run_control(self, row: Row, seconds: float, **options: Any) -> None:
        verdicts, vitals = self.load(self.control(row.server), row.visitors, seconds, **options)
        assert verdicts.csr == len(verdicts.answers), f"the control app failed: {verdicts.bad}"
        row.control_p99, row.control_lag = verdicts.seconds(0.99), vitals["lag_worst"]
        self.control_worst = verdicts.seconds(1.0)

    def fill(self, row: Row, verdicts: Verdicts, vitals: dict[str, Any]) -> None:
        row.answers, row.ssr, row.csr, row.bad = len(verdicts.answers), verdicts.ssr, verdicts.csr, verdicts.bad
        row.p50, row.p99, row.lag = verdicts.seconds(0.5), verdicts.seconds(0.99), vitals["lag_worst"]
        row.p99_raw, row.lag_raw = verdicts.seconds(0.99, raw=True), vitals["lag_raw"]
        row.stalled = vitals.get("stalled", 0.0)
