"""The props and rows that all sides return."""

import json
from typing import Annotated, Any

from msgspec import Meta, Struct

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


class Contact(Struct):
    """A form as most are."""

    first_name: Annotated[str, Meta(min_length=1, max_length=50)]
    last_name: Annotated[str, Meta(min_length=1, max_length=50)]
    email: Annotated[str, Meta(pattern=r"^[^@]+@[^@]+$")]
    phone: str | None = None
    age: Annotated[int, Meta(ge=0)] | None = None
    notes: str = ""


class OrderLine(Struct):
    name: str
    count: Annotated[int, Meta(ge=1)]
    price: float


class Order(Struct):
    """A form with a table in it."""

    customer: Contact
    lines: list[OrderLine]


_CONTACT = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "phone": None, "notes": "x" * 200}
INVALID_CONTACT: dict[str, Any] = {**_CONTACT, "first_name": ""}
INVALID_ORDER: dict[str, Any] = {
    "customer": _CONTACT,
    "lines": [{"name": f"Item {n}", "count": 0 if n == 5 else n + 1, "price": n * 1.25} for n in range(10)],
}
