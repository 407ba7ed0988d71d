"""Measures a cell: an engine and a bundle. Prints a JSON object with start-up and render times, memory, throughput of
two, and whether a spinning render can be stopped.

Runs in the engine's venv, so it only imports the standard library and the engine.
"""

import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROWS = [
    {"id": n, "name": f"Ada Lovelace {n}", "email": f"ada.{n}@example.org", "active": n % 4 != 0} for n in range(100)
]
PAGE = {
    "component": "Members",
    "props": {"errors": {}, "title": "Members", "rows": ROWS},
    "url": "/members",
    "version": "1",
}
CALL = f"renderJson({json.dumps(json.dumps(PAGE))})"
GLUE = (
    ";globalThis.bundle=bundle;"
    "globalThis.renderJson=async(json)=>JSON.stringify(await bundle.render(JSON.parse(json)));0"
)
SPIN = "for(;;);"
RENDERS, WARM_UP, PATIENCE = 300, 100, 10.0


class MiniRacer:
    """V8, with an isolate and a thread per context."""

    def __init__(self, script: str) -> None:
        import py_mini_racer

        self._context = py_mini_racer.MiniRacer()
        self._context.eval(script)

    def render(self) -> str:
        return str(self._context.eval(CALL).get(timeout=PATIENCE))

    def spin(self, seconds: float) -> None:
        self._context.eval(SPIN, timeout=int(seconds * 1000))

    def still_renders(self) -> str:
        return self.render()


class JsRun:
    """V8 through deno_core, with a thread per runtime."""

    def __init__(self, script: str) -> None:
        import jsrun

        self._runtime = jsrun.Runtime()
        self._runtime.eval(script)

    def render(self) -> str:
        import asyncio

        async def main() -> str:
            return str(await self._runtime.eval_async(CALL))

        return asyncio.run(main())

    def spin(self, seconds: float) -> None:
        threading.Timer(seconds, self._runtime.terminate).start()
        self._runtime.eval(SPIN)

    def still_renders(self) -> str:
        return self.render()


class QuickJs:
    """QuickJS, an interpreter of 2 MB without a compiler."""

    def __init__(self, script: str) -> None:
        import quickjs

        self._context = quickjs.Context()
        if hasattr(self._context, "set_max_stack_size"):
            self._context.set_max_stack_size(8 * 1024 * 1024)
        self._context.eval(script)

    def render(self) -> str:
        self._context.eval(f"globalThis.answer=null;{CALL}.then(a=>{{answer=a}},e=>{{answer='E'+e+e.stack}});0")
        while (answer := self._context.eval("answer")) is None:
            if not self._context.execute_pending_job():
                msg = "no answer and nothing left to do"
                raise RuntimeError(msg)
        return str(answer)

    def spin(self, seconds: float) -> None:
        self._context.set_time_limit(seconds)
        try:
            self._context.eval(SPIN)
        finally:
            self._context.set_time_limit(-1)

    def still_renders(self) -> str:
        return self.render()


class StPyV8:
    """V8, called on the caller's thread."""

    def __init__(self, script: str) -> None:
        import STPyV8

        self._isolate = STPyV8.JSIsolate()
        self._isolate.enter()
        self._context = STPyV8.JSContext()
        self._context.enter()
        self._context.eval(script)

    def render(self) -> str:
        self._context.eval(f"globalThis.answer=null;{CALL}.then(a=>{{answer=a}},e=>{{answer='E'+e+e.stack}});0")
        return str(self._context.eval("answer"))

    def spin(self, seconds: float) -> None:
        import STPyV8

        threading.Timer(seconds, STPyV8.JSEngine.terminateAllThreads).start()
        self._context.eval(SPIN)

    def still_renders(self) -> str:
        return self.render()


class PythonMonkey:
    """SpiderMonkey."""

    def __init__(self, script: str) -> None:
        import pythonmonkey

        self._eval = pythonmonkey.eval
        self._eval(script)

    def render(self) -> str:
        import asyncio

        async def main() -> str:
            return str(await self._eval(CALL))

        return asyncio.run(main())

    def spin(self, seconds: float) -> None:
        del seconds
        msg = "its API cannot stop a script"
        raise NotImplementedError(msg)

    def still_renders(self) -> str:
        return self.render()


class Node:
    """The floor: the same sources built for Node, in a separate process, connected by a pipe."""

    def __init__(self, script: str) -> None:
        bundle = script.splitlines()[-1]
        self._process = subprocess.Popen(
            ["node", str(HERE / "node_floor.mjs"), bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._line = json.dumps(PAGE) + "\n"

    def render(self) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(self._line)
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def spin(self, seconds: float) -> None:
        threading.Timer(seconds, self._process.kill).start()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("spin\n")
        self._process.stdin.flush()
        if not self._process.stdout.readline():
            msg = "killed"
            raise RuntimeError(msg)

    def still_renders(self) -> str:
        return "a new process does"

    @property
    def pid(self) -> int:
        return self._process.pid


ENGINES: dict[str, Any] = {
    "node": Node,
    "mini-racer": MiniRacer,
    "jsrun": JsRun,
    "quickjs": QuickJs,
    "quickjs-ng": QuickJs,
    "stpyv8": StPyV8,
    "pythonmonkey": PythonMonkey,
}


def script_for(engine: str, bundle: str) -> str:
    if engine == "node":
        return str(HERE / "dist" / f"{bundle}.mjs")
    return (HERE / "polyfills.js").read_text() + (HERE / "dist" / f"{bundle}.iife.js").read_text() + GLUE


def resident_mb(pid: int | str = "self") -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1000


def cpu_seconds(subject: Any) -> float:
    """Return the CPU seconds of this process, and of Node if it renders."""
    total = time.process_time()
    if isinstance(subject, Node):
        fields = Path(f"/proc/{subject.pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def measure(engine: str, bundle: str) -> dict[str, Any]:
    script, base = script_for(engine, bundle), resident_mb()
    started = time.perf_counter()
    subject = ENGINES[engine](script)
    html = subject.render()
    found: dict[str, Any] = {"start_ms": (time.perf_counter() - started) * 1e3}
    body = json.loads(html)["body"]
    assert "Ada Lovelace 99" in body, body[:300]
    assert 'data-page="app"' in body, body[:300]
    for _ in range(WARM_UP):
        subject.render()
    times = []
    cpu_started = cpu_seconds(subject)
    for _ in range(RENDERS):
        render_started = time.perf_counter()
        subject.render()
        times.append((time.perf_counter() - render_started) * 1e3)
    # CPU time, since other work on the machine affects elapsed time.
    found["cpu_ms"] = (cpu_seconds(subject) - cpu_started) / RENDERS * 1e3
    found["render_ms"] = statistics.median(times)
    found["worst_ms"] = max(times)
    found["memory_mb"] = resident_mb(subject.pid) if engine == "node" else resident_mb() - base
    return found


def throughput(engine: str, bundle: str, ways: int, seconds: float = 2.0) -> float:
    """Renders per second of `ways` engines, each in a thread of this process."""
    script = script_for(engine, bundle)

    def work(barrier: threading.Barrier) -> int:
        subject = ENGINES[engine](script)
        for _ in range(WARM_UP):
            subject.render()
        barrier.wait()
        until, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < until:
            subject.render()
            count += 1
        return count

    barrier = threading.Barrier(ways)
    with concurrent.futures.ThreadPoolExecutor(ways) as pool:
        return sum(pool.map(work, [barrier] * ways)) / seconds


def killable(engine: str, bundle: str) -> str:
    subject = ENGINES[engine](script_for(engine, bundle))
    subject.render()
    started = time.perf_counter()
    try:
        subject.spin(0.5)
    except Exception as error:  # noqa: BLE001 - the way it ends is the result
        took = f"stopped after {time.perf_counter() - started:.2f} s by {type(error).__name__}"
        if isinstance(error, NotImplementedError):
            return f"no: {error}"
        try:
            subject.still_renders()
        except Exception as after:  # noqa: BLE001
            return f"{took}, and does not render afterwards ({type(after).__name__})"
        return f"{took}, and renders afterwards"
    return "the spinning script returned"


WHAT: dict[str, Any] = {
    "render": measure,
    "throughput1": lambda engine, bundle: {"per_second": throughput(engine, bundle, 1)},
    "throughput2": lambda engine, bundle: {"per_second": throughput(engine, bundle, 2)},
    "kill": lambda engine, bundle: {"kill": killable(engine, bundle)},
}

if __name__ == "__main__":
    print(json.dumps(WHAT[sys.argv[1]](sys.argv[2], sys.argv[3])), flush=True)
