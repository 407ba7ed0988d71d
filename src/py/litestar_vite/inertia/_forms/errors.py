"""Carries form errors to the next page (protocol G54 to G56).

They are carried as lists of messages by field; a bag is a dict among them.
"""

from __future__ import annotations

from typing import Any, cast

from litestar.connection import ASGIConnection

from litestar_vite.inertia._page.observation import note_errors
from litestar_vite.inertia._page.request import InertiaRequest


def error(connection: ASGIConnection[Any, Any, Any, Any], field: str, message: str) -> None:
    """Report an error of a form field on the next page, under the form's own (dotted) field name.

    The errors go into the bag that the client asks for, if it asks for one.
    """
    note_errors(connection.scope)
    add_errors(InertiaRequest.of(connection), {field: [message]})


def add_errors(inertia: InertiaRequest, messages: dict[str, list[str]]) -> None:
    """Carry the messages of several fields to the next page."""
    bag = inertia.visit.error_bag
    stored: dict[str, Any] = dict(inertia.carry.get("errors") or {})
    raw_fields: Any = stored.get(bag) if bag is not None else stored
    fields: dict[str, Any] = dict(cast("dict[str, Any]", raw_fields)) if isinstance(raw_fields, dict) else {}
    for field, new in messages.items():
        old: Any = fields.get(field)
        fields[field] = [*old, *new] if isinstance(old, list) else new
    inertia.carry.put("errors", {**stored, bag: fields} if bag is not None else fields, added=(bag, messages))


def forget_unseen_errors(inertia: InertiaRequest) -> None:
    """Drop the errors of an earlier submit that no page has shown, as after a double click: this submit has its own,
    or none.

    Errors in other bags belong to other forms and are kept.
    """
    carried = inertia.carried
    stored: dict[str, Any] | None = carried.get("errors") if carried is not None else None
    if carried is None or not stored:
        return
    bag = inertia.visit.error_bag
    # A bag is a dict among the lists of the default bag's fields.
    kept = {name: value for name, value in stored.items() if (isinstance(value, dict) if bag is None else name != bag)}
    if kept:
        carried.put("errors", kept)
    else:
        carried.drop("errors")
