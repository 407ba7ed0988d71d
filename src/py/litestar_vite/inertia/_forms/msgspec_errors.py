"""Parses msgspec's error messages, the only information it reports: a sentence with a path at its end.

    Expected `int`, got `str` - at `$.items[0].count`

Litestar's messages about parameters and malformed bodies are parsed here too, since most are msgspec's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from litestar_vite.inertia._forms.messages import CUSTOM, FieldError, custom, dotted, found, joined, value_at

# "Missing required query parameter 'page' for path /users".
_MISSING_PARAMETER: Final = re.compile(r"Missing required \w+ parameter '(?P<field>[^']+)' for path ")
_MISSING_FIELD: Final = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_EXPECTED: Final = re.compile(r"Expected `(?P<types>[^`]+)`(?:, got `(?P<got>.*)`)?", re.DOTALL)
# Longer messages quote the client's input and would fill the cache.
_MAX_REMEMBERED: Final = 200

_TYPES: Final = {
    "str": "text",
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "bool": "boolean",
    "array": "list",
    "object": "object",
    "datetime": "datetime",
    "date": "date",
    "time": "time",
    "duration": "duration",
    "uuid": "uuid",
    "bytes": "base64",
    "UploadFile": "file",
}
# The pattern, the rule, and the names of the limits in the pattern's groups; for the rule "type", the type.
# Compiled when the first form is refused, and kept by `re`.
_RULES: Final[tuple[tuple[str, str, *tuple[str, ...]], ...]] = (
    (r"Expected `str` of length >= (\d+)", "min_length", "min"),
    (r"Expected `str` of length <= (\d+)", "max_length", "max"),
    (r"Expected `bytes` of length >= (\d+)", "min_length", "min"),
    (r"Expected `bytes` of length <= (\d+)", "max_length", "max"),
    (r"Expected `\w+` of (?:at least length|length >=) (\d+)(?:, got \d+)?", "min_items", "min"),
    (r"Expected `\w+` of (?:at most length|length <=) (\d+)(?:, got \d+)?", "max_items", "max"),
    (r"Expected `\w+` of length (\d+)(?:, got \d+)?", "items", "count"),
    (r"Expected `\w+` of length \d+ to (\d+)(?:, got \d+)?", "max_items", "max"),
    (r"Expected `\w+` >= (\S+)", "min", "min"),
    (r"Expected `\w+` <= (\S+)", "max", "max"),
    (r"Expected `\w+` > (\S+)", "more_than", "min"),
    (r"Expected `\w+` < (\S+)", "less_than", "max"),
    (r"Expected `\w+` that's a multiple of (\S+)", "multiple_of", "multiple_of"),
    (r"Expected `str` matching regex '?(.*?)'?", "pattern", "pattern"),
    (r"Expected `\w+` with a timezone component", "timezone"),
    (r"Expected `\w+` with no timezone component", "no_timezone"),
    (r"Invalid (?:enum )?value .*", "choice"),
    (r"Invalid UUID.*|badly formed hexadecimal UUID string", "type", "uuid"),
    (r"Invalid (?:RFC3339 encoded datetime|epoch timestamp|MessagePack timestamp.*)", "type", "datetime"),
    (r"Invalid RFC3339 encoded date", "type", "date"),
    (r"Invalid RFC3339 encoded time", "type", "time"),
    (r"Invalid ISO8601 duration|Only units .* ISO8601 durations", "type", "duration"),
    (r"Invalid decimal string", "type", "number"),
    (r"Invalid base64 encoded string", "type", "base64"),
    (r"(?:Integer value|Number|Duration is|Timestamp is) out of range *", "out_of_range"),
    (r"Object contains unknown field `(.*)`", "unknown", "name"),
    (r"(?:Input data was truncated|(?:JSON|MessagePack data) is malformed.*|Invalid UTF-8.*)", "malformed"),
    (r"(?:'[\w-]+' codec can't decode .*|multipart boundary missing .*)", "malformed"),
    # An empty file field arrives as an empty string.
    (r"Unsupported type: .*|The message didn't match the expected schema", "invalid"),
)


def read(message: str, path: str = "", value: Any = None, *, is_msgspecs: bool = False) -> FieldError:
    """Return the error that a message describes, with the dotted path of its field.

    Args:
        is_msgspecs: The message is certainly msgspec's, so unknown wording must not be shown. Otherwise it is the
            app's.
    """
    inside, field, rule, limits = (_remembered if len(message) <= _MAX_REMEMBERED else _read)(message)
    where = joined(joined(path, inside), field)
    if field:
        return found(where, rule)
    value = value_at(value, inside)
    if rule != CUSTOM:
        return found(where, rule, value, **dict(limits))
    return found(where, "invalid", value) if is_msgspecs else custom(where, limits[0][1], value)


def _read(message: str) -> tuple[str, str, str, tuple[tuple[str, Any], ...]]:
    """Return the path inside the value, the name of the missing field, the rule and its limits. If the message is not
    msgspec's, the rule is `custom`, and the message is its limit.
    """
    inside = ""
    sentence, _, place = message.rpartition(" - at `")
    if sentence and place.endswith("`"):
        # "key` in `$.prices" for a key of a dict.
        inside, message = dotted(place[:-1].removeprefix("key` in `").removeprefix("$")).removeprefix("."), sentence
    if missing := _MISSING_FIELD.fullmatch(message):
        return inside, missing["field"], "required", ()
    for pattern, rule, *names in _RULES:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            if rule == "type":
                return inside, "", rule, (("types", tuple(names)),)
            return inside, "", rule, tuple(zip(names, map(_number, match.groups()), strict=False))
    if expected := _EXPECTED.fullmatch(message):
        return inside, "", *_expected(expected["types"], expected["got"])
    return inside, "", CUSTOM, (("message", message),)


_remembered: Final = lru_cache(maxsize=1024)(_read)


def _expected(types: str, got: str | None) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """Return the rule and limits for a value of the wrong type: Expected `int | null`, got `str`."""
    if got == "null":
        return "required", ()
    names = dict.fromkeys(_TYPES.get(name, "") for name in types.split(" | ") if name != "null")
    return ("type", (("types", tuple(names)),)) if names and "" not in names else ("invalid", ())


def _number(text: str) -> Any:
    """Return a limit as a number if possible, else as text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def missing_parameter(message: str) -> str | None:
    """Return the name of a missing parameter; None for other messages."""
    missing = _MISSING_PARAMETER.match(message)
    return missing["field"] if missing else None
