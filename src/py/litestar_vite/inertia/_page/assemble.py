"""Turns props into a page's bytes, for every page.

How it works:
1. Unknown props are first encoded as plain values. The encoder stops at the first prop type or callable, and the route
   remembers that it has some: its next pages are planned directly.
2. A plan chooses the props of the visit, `evaluate` calls them, and the page is encoded once.
3. The plan of a full visit reads only the values of names that have held prop types before. If the encoder finds
   another one, all values are read.

Runs inside the request's dependency scope: database sessions from yield-dependencies are still open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar_vite.inertia._carry import Carry
from litestar_vite.inertia._page.demands import page_errors, remembers_url, url_to_remember
from litestar_vite.inertia._page.encode import Encoding, PropFoundError, encode_preserving, refuse_nan
from litestar_vite.inertia._page.evaluate import evaluate
from litestar_vite.inertia._page.recipe import Recipe
from litestar_vite.inertia._page.request import InertiaRequest, current_request
from litestar_vite.inertia._protocol.resolver import Plan, plan
from litestar_vite.inertia._protocol.visit import Visit

_NOTHING: Final[Mapping[str, Any]] = {}
SHOWN: Final = ("flash", "errors", "input", "clear", "fragment")
"""The carried values that a page shows."""


def encode_plain_props(
    recipe: Recipe,
    component: str,
    props: Mapping[str, Any],
    url: str,
    version: str | None,
    called: Mapping[str, Any] = _NOTHING,
    encoding: Encoding | None = None,
) -> bytes | None:
    """Return the page's JSON for a visit that adds nothing; None if a prop or share is not a plain value.

    Raises:
        PropEncodingError: A prop cannot be encoded as JSON.
    """
    context = recipe.context
    page: dict[str, Any] = {
        "component": component,
        "props": {**context.first_props, **called, **props},
        "url": url,
        "version": version,
    }
    if context.config.share_names:
        page["sharedProps"] = context.shared_names
    try:
        return (encoding or recipe.encoding).encode_page(page, plain=True)
    except PropFoundError:
        recipe.has_prop_types = True
        return None


async def plan_page(
    inertia: InertiaRequest,
    component: str,
    props: Mapping[str, Any],
    encoding: Encoding,
    called: Mapping[str, Any] | None = None,
    *,
    reads_all: bool = True,
    forgets_once: bool = False,
    sends_deferred: bool = False,
) -> Plan:
    """Choose the props of a visit, shares included.

    Args:
        encoding: The encoder, which turns models into dicts for a partial reload of their parts.
        called: The values of the shared callables, if they were already called.
        reads_all: Search all values for prop types, not only those of names that have held some.
        forgets_once: The client must drop its once-props, as it must when its history is cleared.
        sends_deferred: Deferred props are sent with the page, which cannot request them.
    """
    context, visit, recipe = inertia.context, inertia.visit, inertia.recipe
    if inertia.shared:
        props = {**inertia.shared, **props}
    if (shares := context.shares).names:
        if visit.is_partial_for(component) or context.config.concurrent_props:
            shared = shares.for_request(inertia.connection)
        else:
            if called is None:
                called = await shares.call(inertia.connection, props) if shares.callables else _NOTHING
                if inertia.shared:  # A share may call `share`.
                    props = {**inertia.shared, **props}
            shared = {**shares.defaults, **called}
            if shares.bound_props:
                shared.update({name: bind(inertia.connection) for name, bind in shares.bound_props.items()})
        props = {**shared, **props}
    # Protocol E39: errors are sent whatever a partial reload asks for.
    first = {"errors": page_errors(inertia)}
    known = None if reads_all or recipe.reads_all else recipe.known
    carried = inertia.carried
    planned = plan(
        props,
        visit,
        component,
        first=first,
        to_builtins=encoding.to_builtins,
        known=known,
        once_scope=None if context.config.once_scope is None else inertia.once_scope,
        forgets_once=forgets_once or (carried is not None and bool(carried.get("clear"))),
        durations=None if sends_deferred else recipe.durations,
        channel_type=context.channel_type,
        sends_deferred=sends_deferred,
    )
    if recipe.known is None and not planned.situation.is_partial:
        recipe.learn(planned.names, props)
    return planned


async def call_planned(inertia: InertiaRequest, planned: Plan) -> None:
    """Call and await the props that a plan has chosen."""
    if planned.pending:
        context = inertia.context
        current_request.set(inertia.connection)
        await evaluate(planned, context.report_rescue, context.run_prop, concurrent=context.config.concurrent_props)


async def page_of(
    inertia: InertiaRequest, component: str, props: Mapping[str, Any], called: Mapping[str, Any] | None = None
) -> tuple[bytes, Plan]:
    """Return the JSON of any page of a route, and its plan."""
    recipe = inertia.recipe
    planned = await plan_page(inertia, component, props, recipe.encoding, called, reads_all=False)
    if planned.pending:
        await call_planned(inertia, planned)
    try:
        return encode_planned(inertia, component, planned, recipe.encoding, plain=not recipe.reads_all), planned
    except PropFoundError:
        if not planned.place_rest():
            recipe.reads_all = True
        recipe.learn(planned.names, planned.props)
        await call_planned(inertia, planned)
        return encode_planned(inertia, component, planned, recipe.encoding), planned


def encode_planned(
    inertia: InertiaRequest,
    component: str,
    planned: Plan,
    encoding: Encoding,
    *,
    plain: bool = False,
    url: str | None = None,
    marks: Mapping[str, bool | None] = _NOTHING,
) -> bytes:
    """Return the JSON of a page with evaluated props, and drop the carried values that it shows.

    Args:
        plain: Stop at a prop type, which may be inside a list.
        url: The page's URL; None for the request's URL.
        marks: A response's own `clearHistory`, `preserveFragment`, `encryptHistory` and `preserveBigIntegers`.

    Raises:
        PropFoundError: `plain` is on, and a prop is not plain.
        PropEncodingError: A prop cannot be encoded as JSON.
        NonFiniteFloatError: A prop is NaN or infinite, and the app rejects those.
    """
    carried, context = inertia.carried, inertia.context
    page = {
        "component": component,
        "props": planned.tree,
        "url": url or inertia.url,
        "version": context.version if context.make_version is None else inertia.version,
        **planned.metadata,
    }
    if context.config.share_names:
        page["sharedProps"] = _shared_names(inertia) if inertia.shared else context.shared_names
    if carried is not None and _shows_flash(inertia.visit) and (flash := carried.get("flash")):
        page["flash"] = flash
    if marks.get("clearHistory") or (carried is not None and carried.get("clear")):
        page["clearHistory"] = True
    if marks.get("preserveFragment") or (carried is not None and carried.get("fragment")):
        page["preserveFragment"] = True
    if inertia.recipe.encrypts_history if (encrypts := marks.get("encryptHistory")) is None else encrypts:
        page["encryptHistory"] = True
    try:
        page_json = _encoded(inertia, page, encoding, marks, plain=plain)
        if inertia.recipe.rejects_nan:
            refuse_nan(page_json, page, encoding)
    except Exception as error:
        if isinstance(error, PropFoundError) or not _rescue_unsendable(inertia, planned, encoding):
            inertia.recipe.durations.forget(planned.measured)
            raise
        return encode_planned(inertia, component, planned, encoding, plain=plain, url=url, marks=marks)
    inertia.recipe.durations.learn(planned.measured)
    if carried is not None or inertia.scope.get("session"):
        _mark_shown(inertia, carried)
    return page_json


def _encoded(
    inertia: InertiaRequest, page: dict[str, Any], encoding: Encoding, marks: Mapping[str, bool | None], *, plain: bool
) -> bytes:
    """Encode a page. The response, else the route or the app, decides the format of big integers."""
    preserves = marks.get("preserveBigIntegers")
    if not (inertia.recipe.preserves_big_integers if preserves is None else preserves):
        return encoding.encode_page(page, plain=plain)
    page["preserveBigIntegers"] = True
    return encode_preserving(page, encoding, plain=plain)


def _shows_flash(visit: Visit) -> bool:
    """Return whether a page shows flash messages. A browser may show a prefetched document long after another page has
    shown and consumed them.
    """
    return visit.is_inertia or not visit.is_prefetch


def _rescue_unsendable(inertia: InertiaRequest, planned: Plan, encoding: Encoding) -> bool:
    """Remove props with `rescue` that cannot be encoded, and return whether any were removed."""
    failed = False
    for node in planned.rescuable:
        alone = {"component": "", "props": {node.path: node.target.get(node.key)}}
        try:
            alone_json = encoding.encode_page(alone, plain=False)
            if inertia.recipe.rejects_nan:
                refuse_nan(alone_json, alone, encoding)
        except Exception as error:  # noqa: BLE001 - a type encoder may load from a database
            planned.rescue(node)
            planned.metadata.get("scrollProps", {}).pop(node.path, None)
            inertia.context.report_rescue(node.path, error)
            failed = True
    return failed


def _mark_shown(inertia: InertiaRequest, carried: Carry | None) -> None:
    """Drop the carried values that the page shows, and store the page's URL."""
    visit, scope = inertia.visit, inertia.scope
    if carried is not None:
        inertia.is_private = any(carried.get(section) for section in SHOWN)
    # The response to HEAD shows nothing.
    if scope["method"] != "HEAD":
        remembers = not inertia.is_refused and remembers_url(
            visit, scope, inertia.headers, is_private=inertia.is_private
        )
        if carried is not None:
            carried.drop(*SHOWN, "back")
        if remembers:
            inertia.carry.remember_url(url_to_remember(inertia.request_url, inertia.headers))


def _shared_names(inertia: InertiaRequest) -> Any:
    """Name the top-level props that came from sharing, `errors` included (protocol G51)."""
    names = [*inertia.context.shares.names, *inertia.shared]
    return ["errors", *dict.fromkeys(name.split(".", 1)[0] for name in names if name != "errors")]
