"""Parse validators' messages into a field path and a sentence for the form.

How it works: msgspec and Litestar put both into one sentence: Expected `int`, got `str` - at `$.items[0].count`.
`read` returns the dotted path, as forms use it, and a plain English sentence."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

REQUIRED: Final = "This field is required."

_MISSING_FIELD: Final = re.compile(r"missing required field `(?P<field>[^`]+)`")
# "Missing required query parameter 'page' for path /users".
_MISSING_PARAMETER: Final = re.compile(r"Missing required \w+ parameter '(?P<field>[^']+)' for path ")
# msgspec writes "[3]" for an item, and "[...]" for a value of a dict; the key is unknown.
_INDEX: Final = re.compile(r"\[(?:(\d+)|\.\.\.)\]")
# Longer messages quote the client's input and would fill the cache.
_MAX_REMEMBERED: Final = 200
_SENTENCES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"Expected `str` of length >= 1", REQUIRED),
        (r"Expected `str` of length >= (\d+)", "Must have at least {} characters."),
        (r"Expected `str` of length <= (\d+)", "Must have at most {} characters."),
        (r"Expected `\w+` of length >= (\d+)", "Must have at least {} items."),
        (r"Expected `\w+` of length <= (\d+)", "Must have at most {} items."),
        (r"Expected `\w+` >= (\S+)", "Must be at least {}."),
        (r"Expected `\w+` <= (\S+)", "Must be at most {}."),
        (r"Expected `\w+` > (\S+)", "Must be more than {}."),
        (r"Expected `\w+` < (\S+)", "Must be less than {}."),
        (r"Expected `\w+` that's a multiple of (\S+)", "Must be a multiple of {}."),
        (r"Expected `str` matching regex .*", "Has the wrong format."),
        (r"Expected `[^`]+`, got `null`", REQUIRED),
        (r"Expected `int(?: \| null)?`, got `.+`", "Must be a whole number."),
        (r"Expected `(?:float|decimal)(?: \| null)?`, got `.+`", "Must be a number."),
        (r"Expected `bool(?: \| null)?`, got `.+`", "Must be true or false."),
        (r"Expected `str(?: \| null)?`, got `.+`", "Must be text."),
        (r"Expected `array(?: \| null)?`, got `.+`", "Must be a list."),
        (r"Expected `object(?: \| null)?`, got `.+`", "Must be an object."),
        (r"Invalid (?:enum )?value .*", "Must be one of the choices."),
        # An empty file field arrives as an empty string.
        (r"Unsupported type: .*", "Is not valid."),
        (r"Invalid UUID", "Must be a UUID."),
        (r"Invalid RFC3339 encoded datetime", "Must be a date with a time."),
        (r"Invalid RFC3339 encoded date", "Must be a date."),
        (r"Invalid RFC3339 encoded time", "Must be a time."),
        (r"Invalid ISO8601 duration", "Must be a duration."),
        # The name comes from the client and is shortened, because errors travel in a cookie.
        (r"Object contains unknown field `(.{1,60}).*`", "Unknown field: {}."),
    )
)


def read(message: str, path: str = "") -> tuple[str, str]:
    """Return the dotted path and the sentence for a message; messages of other validators are kept as they are.

    Args:
        message: The message, with or without a path at its end.
        path: The dotted path of the value.
    """
    inside, field, sentence = (_remembered if len(message) <= _MAX_REMEMBERED else _read)(message)
    return joined(joined(path, inside), field), sentence


def _read(message: str) -> tuple[str, str, str]:
    """Return the path inside the value, the name of the missing field, and the sentence."""
    inside = ""
    sentence, _, place = message.rpartition(" - at `")
    if sentence and place.endswith("`"):
        inside, message = dotted(place[:-1].removeprefix("$")).removeprefix("."), sentence
    if missing := _MISSING_FIELD.search(message):
        return inside, missing["field"], REQUIRED
    for pattern, sentence in _SENTENCES:
        if match := pattern.fullmatch(message):
            return inside, "", sentence.format(*match.groups())
    return inside, "", message


_remembered: Final = lru_cache(maxsize=1024)(_read)


def missing_parameter(message: str) -> str | None:
    """Return the name of a missing parameter, None for other messages."""
    missing = _MISSING_PARAMETER.match(message)
    return missing["field"] if missing else None


def dotted(path: str) -> str:
    """Return a path with indexes in brackets as forms write it: `items[0].name` is `items.0.name`."""
    return _INDEX.sub(lambda index: f".{index[1]}" if index[1] else "", path) if "[" in path else path


def joined(path: str, name: str) -> str:
    """Return the dotted path of a name inside a path; either may be empty."""
    return f"{path}.{name}" if path and name else path or name
