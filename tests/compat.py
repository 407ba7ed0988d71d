"""Fallbacks for names that Litestar 2.22 does not have yet, so that the suite runs against it (`make test-matrix`)."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import litestar.di
import litestar.params
from litestar.enums import RequestEncodingType
from litestar.params import BodyKwarg

T = TypeVar("T")

_BODIES = {
    "JSONBody": RequestEncodingType.JSON,
    "MultipartBody": RequestEncodingType.MULTI_PART,
    "URLEncodedBody": RequestEncodingType.URL_ENCODED,
}


def install() -> None:
    """Define the missing names; newer Litestar versions have all of them."""
    params: Any = litestar.params
    di: Any = litestar.di
    for name, media_type in _BODIES.items():
        if not hasattr(params, name):
            setattr(params, name, Annotated[T, BodyKwarg(media_type=media_type)])
    if not hasattr(di, "NamedDependency"):
        di.NamedDependency = Annotated[T, params.DependencyKwarg()]
