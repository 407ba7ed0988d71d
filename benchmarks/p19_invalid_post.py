"""P19: a form with one wrong field, sent back to its page with the error, against Litestar's own 400 for the same body.

Why: forms are rejected as often as accepted. The answer collects all errors of the body, sends them in a signed cookie,
and redirects.
"""

from benchmarks.harness import Goal, Row, Settings, compare
from benchmarks.pair import measure_pair

FORMS = {"P19": ("six fields", False, 0.6), "P19.nested": ("a table of ten rows", True, 0.5)}


async def measure(settings: Settings) -> list[Row]:
    return [
        compare(
            id_,
            f"POST with one wrong field, {what}",
            await measure_pair(settings, "invalid_post", peer=False, nested=nested),
            settings,
            goal=Goal("at least", goal),
            peer=None,
        )
        for id_, (what, nested, goal) in FORMS.items()
    ]
