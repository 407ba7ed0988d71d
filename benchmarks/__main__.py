"""Run the benchmarks: `python -m benchmarks [--quick] [--peer-only] [P1 P4 ...]`."""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    p1_xhr_page,
    p2_rows,
    p3_plain_json,
    p4_first_visit,
    p5_ssr_hop,
    p6_ssr_throughput,
    p7_ssr_page,
    p7b_react_page,
    p8_ssr_client,
    p9_loop_lag,
    p10_async_props,
    p11_deferred_prop,
    p12_cache,
    p13_dev_proxy,
    p14_import,
    p15_memory,
    p16_growth,
    p17_prop_types,
    p19_invalid_post,
    p20_sessions,
    p22_many_props,
    p25_built_files,
    p26_insight,
    page_types,
    refresh_storm,
    reloads,
    ssr_rendering,
    types_editor,
    worker_count,
)
from benchmarks.harness import NO_PEER, Row, Settings, table, write_results
from benchmarks.peer import clean_environment, running_peer

ROWS: dict[str, Callable[[Settings], Awaitable[list[Row]]]] = {
    "P1": p1_xhr_page.measure,
    "P2": p2_rows.measure,
    "P3": p3_plain_json.measure,
    "P4": p4_first_visit.measure,
    "P5": p5_ssr_hop.measure,
    "P6": p6_ssr_throughput.measure,
    "P7": p7_ssr_page.measure,
    "P7b": p7b_react_page.measure,
    "P8": p8_ssr_client.measure,
    "P9": p9_loop_lag.measure,
    "P10": p10_async_props.measure,
    "P11": p11_deferred_prop.measure,
    "P13": p13_dev_proxy.measure,
    "P12": p12_cache.measure,
    "P14": p14_import.measure,
    "P15": p15_memory.measure,
    "P16": p16_growth.measure,
    "P17": p17_prop_types.measure,
    "P19": p19_invalid_post.measure,
    "P20": p20_sessions.measure,
    "P22": p22_many_props.measure,
    "P25": p25_built_files.measure,
    "P26": p26_insight.measure,
    "TYPES": page_types.measure,
    "EDITOR": types_editor.measure,
    "RELOAD": reloads.measure,
    "STORM": refresh_storm.measure,
    "SSR": ssr_rendering.measure,
    "WORKERS": worker_count.measure,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table and store the rounds. Exit with 1 if `--check` is given and a row misses its goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"rows to measure: {' '.join(ROWS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="one short round, no peer, no results file: do they run?")
    parser.add_argument("--peer-only", action="store_true", help="leave this library out: floors and peer")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each comparison (at least 5)")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a row misses what it must reach")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results", help="folder of the reports")
    options = parser.parse_args(arguments)
    if unknown := [id_ for id_ in options.ids if id_ not in ROWS]:
        parser.error(f"no such row: {' '.join(unknown)}. There are: {' '.join(ROWS)}")
    if options.rounds < 5 and not options.quick:
        parser.error("at least 5 rounds are required for a measurement; use --quick to check that the benchmarks run")

    chosen = options.ids or list(ROWS)
    if options.quick:
        print(table(_run(chosen, Settings(rounds=1, slice_seconds=0.005, peer_absent="left out", quick=True))))
        return 0
    for name in set(os.environ) - set(clean_environment()):
        if not name.startswith("PYTHON"):
            del os.environ[name]  # only this process configures the plugin
    with running_peer() as peer:
        settings = Settings(rounds=options.rounds, ours=not options.peer_only, peer=peer, peer_absent=NO_PEER)
        rows = _run(chosen, settings)
        versions = peer.versions() if peer else {}
    print(table(rows))
    name = "-".join([f"{datetime.now(UTC):%Y-%m-%d}", *options.ids, *(["peer"] if options.peer_only else [])])
    print(f"\nAll rounds: {write_results(rows, settings, versions, options.results, name).name}")
    return int(options.check and any(row.passed is False for row in rows))


def _run(ids: list[str], settings: Settings) -> list[Row]:
    async def measure_all() -> list[Row]:
        rows: list[Row] = []
        for id_ in ids:
            if not settings.quick:
                print(f"measuring {id_} ...", flush=True)
            rows += await ROWS[id_](settings)
        return rows

    return asyncio.run(measure_all())


if __name__ == "__main__":
    raise SystemExit(main())
