"""The safeties of server-side rendering, each disabled, with the gate of docs/reliability.md that must detect it."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutant import Mutant

_MATRIX = "tests/chaos/test_matrix.py::test_every_visitor_gets_a_whole_page_of_his_own"
_PAGES = "tests/chaos/test_r08_r09_pages.py"
_SURROUNDINGS = "tests/chaos/test_r23_surroundings.py"
_POISON = "tests/chaos/test_r18_poison.py::test_a_page_that_takes_its_worker_along_leaves_the_others_theirs"

SAFETIES: Final = [
    Mutant("a dead kept connection is not replaced (R4)", "_net/pool.py", "if not was_used:", "if True:", f"{_MATRIX}[R4 FIN upon reuse-uvicorn-32]"),
    Mutant("the deadline does not end a render (R2)", "_net/reply_connection.py", "self._fail(TimeoutError())", "pass", f"{_MATRIX}[R2 hang-uvicorn-32]"),
    Mutant("a reply may have any size (R5)", "_net/reply_connection.py", "if self._buffered > self._small_bytes:", "if False:", f"{_MATRIX}[R5 50 MB chunked-granian-32]"),
    Mutant("large replies may use all connections (R5)", "_net/reply_connection.py", "if len(self._large) >= _MAX_LARGE:", "if False:", f"{_MATRIX}[R5 50 MB without length-uvicorn-32]", (("_net/reply_connection.py", "self._buffered > self._max_reply_bytes", "self._buffered > 6 * self._max_reply_bytes"),)),
    Mutant("a cancelled connection is kept (R6)", "_net/pool.py", "coming.exception()\n                self._discard(connection)", "coming.exception()\n                self._give_back(connection)", "tests/chaos/test_r06_churn.py::test_a_slot_survives_every_cancellation"),
    Mutant("a slot is lost with its waiter (R6)", "_net/pool.py", "                if granted is None:\n                    self._free_slot()\n                else:\n                    self._give_back(granted)", "                del granted", "tests/chaos/test_r06_churn.py::test_a_slot_survives_every_cancellation"),
    Mutant("a spinning worker is not killed (R8)", "_ssr/workers/supervise.py", "                process.kill()", "                pass", f"{_PAGES}::test_a_render_that_spins_for_ever_is_ended"),
    Mutant("a page that throws opens the breaker (R9)", "_ssr/gateway.py", "outcome.kind in _TRANSPORT_KINDS", "outcome.kind != 'never'", f"{_PAGES}::test_a_page_that_throws_keeps_no_other_page_from_being_rendered"),
    Mutant("every request is admitted (R10)", "_ssr/admission.py", "if self.running >= self.limit:", "if False:", "tests/chaos/test_r10_overload.py"),
    Mutant("the length of the queue is not limited (R10)", "_ssr/admission.py", "if self._expected_wait() > self._queue_seconds:", "if False:", "tests/chaos/test_r10_overload.py", (("_ssr/admission.py", "loop.call_later(self._queue_seconds, ", "loop.call_later(3600.0, "),)),
    Mutant("the breaker never opens (R2)", "_ssr/breaker.py", "if self._failed >= _FAILURES and ", "if False and ", f"{_MATRIX}[R2 hang-uvicorn-32]"),
    Mutant("every request is a probe while the breaker is half open (R11)", "_ssr/gateway.py", 'if self.breaker.state != "closed":\n            return Failed("open", _OPEN)\n        if not self.admission', 'if self.breaker.state == "open":\n            return Failed("open", _OPEN)\n        if not self.admission', "tests/chaos/test_r11_half_open.py", (("_ssr/breaker.py", 'return self._call if self.state == "closed" else 0', 'return self._call if self.state != "open" else 0'),)),
    Mutant("the server is not probed after an outage (R7)", "_ssr/probing.py", "await self._probe(*page) and", "False and", "tests/chaos/test_r07_restart.py::test_a_restarted_render_server_is_used_again"),
    Mutant("a worker that exited is not restarted (R7)", "_ssr/workers/supervise.py", "            await asyncio.sleep(backoff.next_seconds())", "            return", "tests/chaos/test_r07_restart.py::test_a_killed_worker_of_our_own_is_replaced_within_a_second"),
    Mutant("no page is quarantined (R18)", "_ssr/quarantine.py", "        for component in components:\n            if (is_sure", "        for component in ():\n            if (is_sure", f"{_POISON}[exit-uvicorn]"),
    Mutant("a new component may take all workers at once (R18)", "_ssr/quarantine.py", "        if component in self._trials or self._is_kept_away(component):", "        if False:", f"{_POISON}[spin-granian]", (("_ssr/quarantine.py", "        self._trials[component] = asyncio.Event()\n", ""), ("_ssr/quarantine.py", "(is_sure and len(components) == 1) or self._is_suspicious(component)", "False"))),
    Mutant("without a writable folder a message ends in a 500 (R23)", "_processes/folder.py", "return _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else os.sep", "raise", f"{_SURROUNDINGS}::test_a_server_starts_and_serves_pages[nothing can be written-uvicorn]"),
    Mutant("containers use workers of another build (R18)", "_ssr/workers/shared_workers.py", 'return base / f"{owner}-{_key(command, policy)}-{build.hash.hex()[:12]}"', 'return base / f"{owner}-{_key(command, policy)}-"', f"{_SURROUNDINGS}::test_containers_with_one_tmp_never_use_each_others_workers[uvicorn]", (("_ssr/workers/shared_workers.py", "if self._build.is_same(state.bundle):", "if True:"),)),
]  # fmt: skip
