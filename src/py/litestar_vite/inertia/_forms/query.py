"""Converts query strings for handlers' parameters: bracketed lists, and the values of form inputs (protocol I66).

How it works: Litestar reads the parameters of a handler from the pairs that `expanded` returns. The request keeps the
browser's query string, from which links and the page's URL are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from litestar_vite.inertia._forms.brackets import expand_query
from litestar_vite.inertia._forms.inputs import accepts_only_none, spelled, takes_texts
from litestar_vite.inertia._forms.models import bare, decoder_of, item_types
from litestar_vite.inertia._litestar.seams import parameters_of
from litestar_vite.inertia._page.big_integers import MARKER

# 4,096 names, as in Rack: a table of a thousand rows with four fields. A larger
# `Litestar(multipart_form_part_limit=...)` raises the limit for all forms.
MAX_NAMES: Final = 4_096
_MARKED: Final = f"[{MARKER}]"


class QueryRules(Struct, frozen=True):
    """The query parameters of a handler that need a conversion.

    Attributes:
        nullable: The names of parameters that reject "" and accept None. They are left out if they are empty.
        texts: The types of the parameters for a checkbox, time or datetime, by name.
    """

    nullable: frozenset[str]
    texts: Mapping[str, Any]

    @classmethod
    def of(cls, handler: HTTPRouteHandler) -> QueryRules:
        """Inspect the parameters of a handler and of its dependencies."""
        decode = decoder_of(handler)
        fields = {
            getattr(field.kwarg_definition, "query", None)
            or getattr(field.kwarg_definition, "name", None)
            or name: field
            for name, field in parameters_of(handler).items()
        }
        texts = {name: _text_type(field.annotation) for name, field in fields.items()}
        return cls(
            frozenset(
                name
                for name, field in fields.items()
                if field.is_optional and accepts_only_none(field.annotation, decode)
            ),
            {name: annotation for name, annotation in texts.items() if takes_texts(annotation)},
        )

    def may_change(self, query: bytes) -> bool:
        """Return whether a query string may contain bracketed lists, or parameters from form inputs."""
        if b"%5B" in query or b"[" in query or b"%5b" in query:
            return True
        if self.nullable and (b"=&" in query or query.endswith(b"=")):
            return True
        return bool(self.texts) and (b"=on" in query or b":" in query or b"%3A" in query or b"%3a" in query)

    def expanded(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return the pairs of a query string with lists under their own names, and without empty parameters.

        Raises:
            ClientException: There are too many parameters.
        """
        given = tuple(pairs)
        if len(given) > MAX_NAMES:
            raise ClientException(f"The query string has more than {MAX_NAMES} parameters.")
        return tuple(
            (name, spelled(self.texts[name], value) if name in self.texts else value)
            for name, value in expand_query(_without_markers(given))
            if value or name not in self.nullable
        )


def _without_markers(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the pairs with `id[$bigint]=5`, a BigInt from the client, as `id=5`."""
    return tuple((name.removesuffix(_MARKED), value) for name, value in pairs)


def _text_type(annotation: Any) -> Any:
    """Return the type of a parameter; for a list, the type of its items."""
    types = item_types(bare(annotation), 1)
    return types[0] if types else annotation
