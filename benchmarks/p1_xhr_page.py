"""P1: an Inertia visit with a JSON response, against a plain Litestar handler returning the same props dict.

Why: every click makes this request, so the plugin's overhead matters most here. A page can be faster than Litestar's
JSON path, since the page is encoded once and the response built once. Flat props (ten long strings) leave nothing to
walk, which separates the cost of walking. Litestar decrypts and encrypts the cookie session on both sides.
"""

from importlib.util import find_spec

from benchmarks.cases import signed_in_user
from benchmarks.harness import NOTHING, Goal, Row, Settings, compare
from benchmarks.pair import measure_pair

GOAL = Goal("at least", 1.1)
LINES = (
    ("P1", "XHR page, 5 KB props", "page", False),
    ("P1.session", "XHR page, 5 KB props, cookie session", "page", True),
    ("P1.flat", "XHR page, 10 strings of 480 bytes", "flat", False),
)


async def measure(settings: Settings) -> list[Row]:
    rows = []
    for id_, what, props, session in LINES:
        if session and find_spec("cryptography") is None:
            rows.append(
                Row(id_, what, NOTHING, "not measured", NOTHING, NOTHING, str(GOAL), None, notes=["needs cryptography"])
            )
            continue
        rounds = await measure_pair(settings, "xhr", props=props, session=session)
        rows.append(compare(id_, what, rounds, settings, goal=GOAL))
    rounds = await measure_pair(settings, "app", inertia={"share": {"auth": signed_in_user}})
    rows.append(
        compare("P1.app", "XHR page with a yielding dependency and a shared callable", rounds, settings, goal=GOAL)
    )
    return rows
