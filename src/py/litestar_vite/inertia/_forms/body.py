"""Reads bodies by their content type, not by the one that the handler declares (protocol I66).

How it works: the Inertia client sends JSON if a form contains no file, and multipart data otherwise. A BodyReader
runs before Litestar's own reader of a handler's `data`:
1. A form body is parsed by Litestar. Its bracketed names are nested according to the model's fields.
2. JSON from the Inertia client, or for a handler that declares a form, is parsed by Litestar too.
3. Empty fields and missing files become None or an empty list: see `inputs`.
4. All other bodies are left to Litestar's reader and its errors.

Rules: the number of names is checked before the body is parsed. Values are never dropped: names that cannot be nested
raise an error. `request.form()` and `request.json()` are unchanged."""

from __future__ import annotations

import re
from typing import Any, Final, cast, get_args

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import HTTPRouteHandler
from litestar.params import BodyKwarg
from litestar.typing import FieldDefinition

from litestar_vite.inertia._forms.brackets import BracketError, grouped, has_brackets
from litestar_vite.inertia._forms.inputs import FieldTypes, fitted, has_files, is_file
from litestar_vite.inertia._forms.messages import ENGLISH
from litestar_vite.inertia._forms.models import bare, decoder_of, item_types
from litestar_vite.inertia._forms.native import TOKEN_FIELD, is_native_form
from litestar_vite.inertia._forms.query import MAX_NAMES
from litestar_vite.inertia._litestar.seams import Reader, dto_wire_type, parsed_form
from litestar_vite.inertia._page.big_integers import MARKER, unmarked, unmarked_fields
from litestar_vite.inertia._page.request import InertiaRequest

# A list or mapping takes as much memory as several names, so a few deeply nested names must not create thousands.
_GROUPS_PER_NAME: Final = 2
_SPARE_GROUPS: Final = 128
_JSON: Final = RequestEncodingType.JSON.value
_MULTIPART: Final = RequestEncodingType.MULTI_PART.value
_FORM_TYPES: Final = (_MULTIPART, RequestEncodingType.URL_ENCODED.value)
_BODY_KEY: Final = "litestar_vite.body"
# Headers of the Inertia client. A form on another site cannot set them, so it cannot reach a handler that takes JSON.
_CLIENT_HEADERS: Final = ((b"x-inertia", b"true"), (b"precognition", b"true"), (b"x-requested-with", b"XMLHttpRequest"))
# A BigInt from the client (`_page/big_integers.py`), in JSON and in a form.
_MARKER_KEY: Final = b'"$bigint"'
_MARKED: Final = f"[{MARKER}]"
_TIME_ENDS: Final = re.compile(rb':[0-9][0-9]"').search


class BodyReader:
    """Reads the `data` of one handler."""

    def __init__(self, handler: HTTPRouteHandler, field: FieldDefinition, litestars: Reader) -> None:
        body = field.kwarg_definition
        media_type = body.media_type if isinstance(body, BodyKwarg) else _JSON
        self._handler = handler
        self._field = field
        self._litestars = litestars
        self._declares_form = media_type in _FORM_TYPES
        self._part_limit = body.multipart_form_part_limit if isinstance(body, BodyKwarg) else None
        self._has_files = has_files(field.annotation)
        self._is_file = is_file(field.annotation)
        self._is_list = item_types(bare(field.annotation), 1) is not None
        self._is_all_files = self._is_file or any(map(is_file, get_args(bare(field.annotation))))
        self._types = FieldTypes(decoder_of(handler))

    @classmethod
    def replacing(cls, handler: HTTPRouteHandler, litestars: Reader) -> Reader:
        """Return a reader for a handler that takes JSON or a form, and Litestar's reader for any other handler."""
        field = handler.parsed_data_field
        body = field.kwarg_definition if field is not None else None
        if field is None or (isinstance(body, BodyKwarg) and body.media_type not in (_JSON, *_FORM_TYPES)):
            return litestars
        return cls(handler, field, litestars)

    async def __call__(self, values: dict[str, Any], request: Request[Any, Any, Any]) -> None:
        """Add the body to the arguments of the handler, as builtins.

        Raises:
            ClientException: The body is malformed, too deep or has too many fields, or its names cannot be nested.
            SerializationException: The body is not JSON.
        """
        try:
            await self._read(values, request)
        except RecursionError as error:
            # Litestar leaves it to the server, so that clients could cause a 500 and a traceback.
            raise ClientException("The body is nested too deeply.") from error

    async def _read(self, values: dict[str, Any], request: Request[Any, Any, Any]) -> None:
        arrived, _ = request.content_type
        if not (self._declares_form or _is_from_client(request, arrived)):
            await self._litestars(values, request)
        elif arrived in _FORM_TYPES:
            form = await self._read_form(request, is_multipart=arrived == _MULTIPART)
            values["data"] = self._taken(request, form, is_form=True)
        elif arrived == _JSON or arrived.endswith("+json"):
            await self._read_json(values, request)
        else:
            await self._litestars(values, request)

    async def _read_form(self, request: Request[Any, Any, Any], *, is_multipart: bool) -> dict[str, Any]:
        """Return a form body in groups. The names are irrelevant for a list, and for a body that consists of files."""
        max_names = max(MAX_NAMES, request.app.multipart_form_part_limit)
        if not is_multipart and (await request.body()).count(b"&") >= max_names:
            raise RequestEntityTooLarge(f"The form has more than {max_names} fields.")
        try:
            flat = await parsed_form(request, self._part_limit)
        except (LookupError, UnicodeError) as error:
            raise ClientException("A part of the form has an unknown charset, or is not of it.") from error
        if TOKEN_FIELD in flat and request.app.csrf_config is not None:
            flat = {name: value for name, value in flat.items() if name != TOKEN_FIELD}
        if self._is_all_files or self._is_list or not has_brackets(flat):
            return flat.copy()
        try:
            groups = grouped(flat, _SPARE_GROUPS + min(max_names, _GROUPS_PER_NAME * len(flat)))
            return unmarked_fields(groups) if any(name.endswith(_MARKED) for name in flat) else groups
        except BracketError as error:
            raise ClientException(str(error)) from error

    async def _read_json(self, values: dict[str, Any], request: Request[Any, Any, Any]) -> None:
        raw = await request.body()
        has_markers = _MARKER_KEY in raw
        if self._declares_form:
            body = await request.json() if raw else {}
            values["data"] = self._taken(request, unmarked(body) if has_markers else body, is_form=False)
            return
        if has_markers:
            body = unmarked(await request.json())
            values["data"] = self._decoded(request, fitted(self._model(), body, self._types, is_form=False))
            return
        if self._has_files or _may_be_input(raw):
            value = await request.json()
            fit = fitted(self._model(), value, self._types, is_form=False)
            if fit is not value:
                values["data"] = self._decoded(request, fit)
                return
        await self._litestars(values, request)

    def _taken(self, request: Request[Any, Any, Any], body: Any, *, is_form: bool) -> Any:
        """Return a body in the form that the handler accepts."""
        if not body and self._field.is_optional:
            return None
        if self._is_file and isinstance(body, dict):
            return self._file_in(cast("dict[str, Any]", body))
        if self._is_list and isinstance(body, dict) and (is_form or self._is_all_files):
            # JSON contains no files.
            body = _items_of(cast("dict[str, Any]", body)) if is_form else []
        return self._decoded(request, fitted(self._model(), body, self._types, is_form=is_form))

    def _file_in(self, form: dict[str, Any]) -> UploadFile | None:
        """Return the first file of a form. The handler takes one file, under any name."""
        file = next((value for value in _items_of(form) if isinstance(value, UploadFile)), None)
        if file is None and not self._field.is_optional:
            name = next(iter(form)) if len(form) == 1 else ""
            raise ValidationException(
                "No file was uploaded.", extra=[{"key": name, "message": ENGLISH["required"], "source": "body"}]
            )
        return file

    def _decoded(self, request: Request[Any, Any, Any], body: Any) -> Any:
        request.scope[_BODY_KEY] = body  # type: ignore[typeddict-unknown-key]  # ASGI lets extensions add keys.
        dto = self._handler.resolve_data_dto()
        return body if dto is None else dto(request).decode_builtins(body)

    def _model(self) -> Any:
        """Return the type that the body is converted to. With a DTO, this is the transfer type with encoded names."""
        annotation = self._field.annotation
        return annotation if self._handler.resolve_data_dto() is None else dto_wire_type(self._handler) or annotation


def _may_be_input(raw: bytes) -> bool:
    """Return whether JSON may contain the value of an empty input, a ticked checkbox or a time."""
    # One pattern for all takes five times as long.
    return raw.find(b'""') >= 0 or raw.find(b'"on"') >= 0 or _TIME_ENDS(raw) is not None


def _is_from_client(request: Request[Any, Any, Any], media_type: str) -> bool:
    """Return whether a request comes from the Inertia client, or from a form of a page without JavaScript."""
    if any(header in request.scope["headers"] for header in _CLIENT_HEADERS):
        return True
    return media_type in _FORM_TYPES and is_native_form(InertiaRequest.of(request))


def _items_of(form: dict[str, Any]) -> list[Any]:
    """Return all values of a form, without their names."""
    return [item for value in form.values() for item in (value if isinstance(value, list) else [value])]


def form_data(request: Request[Any, Any, Any]) -> Any:
    """Return the body that a BodyReader has passed to the handler; None if Litestar has read it."""
    return cast("dict[str, Any]", request.scope).get(_BODY_KEY)
