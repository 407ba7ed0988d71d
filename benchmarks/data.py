"""The props and rows that all sides return."""

import json
from typing import Any

_ROLES = ("admin", "editor", "viewer")


def _member(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Ada Lovelace {number}",
        "email": f"ada.lovelace.{number}@example.org",
        "role": _ROLES[number % 3],
        "active": number % 4 != 0,
        "score": number * 1.25,
        "tags": ["math", "engines"],
        "joined": "1842-09-05T10:00:00Z",
    }


PAGE: dict[str, Any] = {
    "auth": {"user": {"id": 7, "name": "Grace Hopper", "email": "grace@example.org"}, "can": {"edit": True}},
    "filters": {"search": "", "role": None, "sort": "-joined", "per_page": 27},
    "members": [_member(number) for number in range(27)],
    "pagination": {
        "page": 1,
        "pages": 12,
        "total": 312,
        "links": [{"page": n, "url": f"/?page={n}"} for n in range(1, 6)],
    },
}
"""About 5 KB: the page of an admin list, with typical nesting."""

FLAT: dict[str, Any] = {f"text_{number}": chr(97 + number) * 480 for number in range(10)}
"""About 5 KB in ten strings: nothing to walk, which is the best case for an adapter that walks props."""

ROWS: dict[str, Any] = {
    "rows": [
        {"id": n, "name": f"Row {n}", "email": f"row.{n}@example.org", "active": n % 2 == 0, "score": n * 0.5}
        for n in range(1000)
    ]
}
"""One list of 1,000 rows, about 85 KB."""

PROPS: dict[str, dict[str, Any]] = {"page": PAGE, "flat": FLAT, "rows": ROWS}

SSR_PROPS: dict[str, Any] = {"rows": ROWS["rows"][:200]}
"""About 17 KB, like a React page of 100 rows."""

SSR_PAGE: bytes = json.dumps(
    {"component": "Bench", "props": {"errors": {}, **SSR_PROPS}, "url": "/", "version": "1"}
).encode()
"""The page object with these rows, as sent to a render server."""
