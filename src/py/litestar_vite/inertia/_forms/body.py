"""Form bodies and query strings: bracketed names become nested data, empty fields None (protocol I66).

How it works: before Litestar reads the parameters of a handler, `expand` adds the list form to the query string, and
`read_form` nests the names of a form body. Litestar keeps a parsed form in the state of its connection, and there it is
replaced.

Rules: the number of names is checked before the body is parsed. No value is dropped: names that cannot be nested raise
an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import BodyKwarg

from litestar_vite.inertia._forms.brackets import BracketError, expand_query, has_brackets, nest
from litestar_vite.inertia._forms.dto import transfer_type
from litestar_vite.inertia._forms.empty_fields import empty_as_none, has_empty_field, without_empty
from litestar_vite.inertia._forms.models import decoder_of
from litestar_vite.inertia._litestar.seams import form_state, set_form_state
from litestar_vite.inertia._page.request import QUERY_KEY

if TYPE_CHECKING:
    from litestar import Request
    from litestar.handlers import HTTPRouteHandler
    from litestar.typing import FieldDefinition


# 4,096 names, as in Rack: a table of a thousand rows with four fields. A larger
# `Litestar(multipart_form_part_limit=...)` raises the limit for all forms.
MAX_NAMES: Final = 4_096
# A list or mapping takes as much memory as several names, so a few deep names must not create thousands.
_GROUPS_PER_NAME: Final = 2
_SPARE_GROUPS: Final = 128
_FORM_TYPES: Final = (RequestEncodingType.MULTI_PART.value, RequestEncodingType.URL_ENCODED.value)


def needs_expansion(query: bytes, nullable: frozenset[str]) -> bool:
    """Return whether a query string may contain bracketed lists, or an empty parameter that accepts None."""
    if b"%5B" in query or b"[" in query or b"%5b" in query:
        return True
    return bool(nullable) and (b"=&" in query or query.endswith(b"="))


def expand(scope: Any, nullable: frozenset[str]) -> None:
    """Add the list form of bracketed names to the query string of a request, and remove empty parameters.

    Args:
        scope: The ASGI scope of the request.
        nullable: The parameters that are removed when they are empty.

    Raises:
        ClientException: It has too many parameters.
    """
    query: bytes = scope["query_string"]
    if query.count(b"&") >= MAX_NAMES:
        raise ClientException(f"The query string has more than {MAX_NAMES} parameters.")
    expanded = expand_query(query)
    if nullable:
        expanded = without_empty(expanded, nullable)
    if expanded is not query:
        scope[QUERY_KEY] = query
        scope["query_string"] = expanded


def takes_a_form(handler: HTTPRouteHandler) -> bool:
    """Return whether Litestar reads the body as a form, within the app's limits."""
    field = handler.parsed_data_field
    body = field.kwarg_definition if field is not None else None
    if field is None or _takes_every_file(field):
        return False
    # `request.form()` cannot apply the limit of one parameter, so these names stay flat.
    return isinstance(body, BodyKwarg) and body.media_type in _FORM_TYPES and body.multipart_form_part_limit is None


def _takes_every_file(field: FieldDefinition) -> bool:
    """Return whether the body is annotated as `UploadFile`, or a list or dict of them: their names do not matter."""
    return field.is_subclass_of(UploadFile) or any(inner.is_subclass_of(UploadFile) for inner in field.inner_types)


async def read_form(request: Request[Any, Any, Any], handler: HTTPRouteHandler) -> None:
    """Nest the bracketed names of a form body, and replace empty fields that accept None.

    Raises:
        ClientException: The body is malformed or has too many fields, or its names cannot be nested.
    """
    content_type, _ = request.content_type
    if content_type not in _FORM_TYPES:
        return
    max_names = max(MAX_NAMES, request.app.multipart_form_part_limit)
    is_multipart = content_type == RequestEncodingType.MULTI_PART
    if not is_multipart and (await request.body()).count(b"&") >= max_names:
        raise RequestEntityTooLarge(f"The form has more than {max_names} fields.")
    form = await request.form()
    is_nested, has_empty = has_brackets(form), has_empty_field(form.values())
    if not is_nested and not has_empty:
        return
    flat = cast("dict[str, Any]", form_state(request.scope))
    try:
        nested = nest(flat, _SPARE_GROUPS + min(max_names, _GROUPS_PER_NAME * len(flat))) if is_nested else flat
    except BracketError as error:
        raise ClientException(str(error)) from error
    if has_empty:
        nested = empty_as_none(_body_type(handler), nested, decoder_of(handler))
    # Files keep their flat names too, because Litestar closes the files at the top level.
    files = {name: value for name, value in flat.items() if _holds_file(value)} if is_multipart else {}
    set_form_state(request.scope, {**files, **nested})


def _body_type(handler: HTTPRouteHandler) -> Any:
    """Return the type that the body is converted to; with a DTO its transfer type, which has the encoded names."""
    field = handler.parsed_data_field
    annotation = field.annotation if field is not None else None
    return annotation if handler.resolve_data_dto() is None else transfer_type(handler) or annotation


def form_data(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Return the form body that Litestar has parsed."""
    form: Any = form_state(request.scope)
    return dict(cast("dict[str, Any]", form)) if isinstance(form, dict) else {}


def _holds_file(value: Any) -> bool:
    items: list[Any] = value if isinstance(value, list) else [value]
    return any(isinstance(item, UploadFile) for item in items)
