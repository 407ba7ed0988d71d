"""The errors of form fields, and their messages in plain words.

How it works:
1. Each error of msgspec, pydantic, attrs or Litestar becomes a rule with its limits: `min_length`, {"min": 3}.
2. A catalogue has a template for each rule, and the names of types. `ENGLISH` is the default; an app brings its own.

Rule: a library's wording never becomes a message. The app's own messages, from its ValueErrors, have the rule
`custom` and are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from msgspec import Struct

FORM_KEY: Final = "form"
"""The key of errors that do not belong to a field."""
CUSTOM: Final = "custom"

# msgspec writes "[3]" for an item, and "[...]" for a value of a dict; the key is unknown.
_INDEX: Final = re.compile(r"\[(?:(\d+)|\.\.\.)\]")
# Names may come from the client, and errors are carried in a cookie.
_MAX_SHOWN: Final = 60
# Empty text breaks many rules, but the visitor only has to fill in the field. These rules are reported as they are.
_NOT_ABOUT_EMPTINESS: Final = frozenset({CUSTOM, "unknown", "malformed"})

ENGLISH: Final[Mapping[str, str]] = {
    "required": "This field is required.",
    "type": "Must be {types}.",
    "min_length": "Must have at least {min} characters.",
    "min_length.one": "Must have at least 1 character.",
    "max_length": "Must have at most {max} characters.",
    "max_length.one": "Must have at most 1 character.",
    "min_items": "Must have at least {min} items.",
    "min_items.one": "Must have at least 1 item.",
    "max_items": "Must have at most {max} items.",
    "max_items.one": "Must have at most 1 item.",
    "items": "Must have exactly {count} items.",
    "items.one": "Must have exactly 1 item.",
    "min": "Must be at least {min}.",
    "max": "Must be at most {max}.",
    "more_than": "Must be more than {min}.",
    "less_than": "Must be less than {max}.",
    "multiple_of": "Must be a multiple of {multiple_of}.",
    "max_digits": "Must have at most {max} digits.",
    "max_digits.one": "Must have at most 1 digit.",
    "max_whole_digits": "Must have at most {max} digits before the decimal point.",
    "max_whole_digits.one": "Must have at most 1 digit before the decimal point.",
    "max_decimal_places": "Must have at most {max} decimal places.",
    "max_decimal_places.one": "Must have at most 1 decimal place.",
    "pattern": "Has the wrong format.",
    "choice": "Must be one of the choices.",
    "past": "Must be in the past.",
    "future": "Must be in the future.",
    "timezone": "Must have a time zone.",
    "no_timezone": "Must have no time zone.",
    "out_of_range": "Is out of range.",
    "url_scheme": "Must start with {schemes}.",
    "unknown": "Unknown field: {name}.",
    "malformed": "The form could not be read.",
    "invalid": "Is not valid.",
    "unauthorized": "Please sign in.",
    "forbidden": "You are not allowed to do this.",
    "conflict": "This has been changed in the meantime. Please reload the page and try again.",
    "too_large": "The form is too large.",
    "too_many_requests": "Too many attempts. Please try again later.",
    "refused": "This did not work. Please try again.",
    "or": " or ",
    "types.text": "text",
    "types.integer": "a whole number",
    "types.number": "a number",
    "types.boolean": "true or false",
    "types.list": "a list",
    "types.object": "an object",
    "types.empty": "empty",
    "types.date": "a date",
    "types.datetime": "a date with a time",
    "types.time": "a time",
    "types.duration": "a duration",
    "types.uuid": "a UUID",
    "types.email": "an e-mail address",
    "types.url": "a web address",
    "types.ip": "an IP address",
    "types.colour": "a colour",
    "types.card": "a card number",
    "types.size": "a size",
    "types.base64": "Base64 text",
    "types.file": "a file",
}
"""The default catalogue: a template by rule, `.one` where the limit is 1, and the names of types."""


class FieldError(Struct, frozen=True):
    """An error of one form field. `InertiaConfig.validation_message` receives it.

    Attributes:
        path: The dotted path of the field ("items.0.name"), `form` for the form as a whole.
        rule: The broken rule: "required", "min_length", "type", …; "custom" for the app's own messages.
        message: The message in English, or the app's own message.
        limits: The limits of the rule: {"min": 3}, {"types": ["integer", "text"]}, {"choices": ["a", "b"]}.
        value: The value that was sent; None if it is missing or unknown. It may be a password: do not log it.
    """

    path: str
    rule: str
    message: str
    limits: Mapping[str, Any] = {}
    value: Any = None

    def in_words(self, catalogue: Mapping[str, str]) -> str:
        """Return the message from a catalogue; the message as it is for a rule that the catalogue lacks."""
        return self.message if self.rule == CUSTOM else _sentence(catalogue, self.rule, self.limits) or self.message


def found(path: str, rule: str, value: Any = None, **limits: Any) -> FieldError:
    """Return an error with its English message. Empty text is reported as missing."""
    if value == "" and isinstance(value, str) and rule not in _NOT_ABOUT_EMPTINESS:
        rule, limits = "required", {}
    message = _sentence(ENGLISH, rule, limits)
    if message is None:
        rule, limits, message = "invalid", {}, ENGLISH["invalid"]
    return FieldError(path, rule, message, limits, value)


def custom(path: str, message: str, value: Any = None, rule: str = CUSTOM, **limits: Any) -> FieldError:
    """Return an error with the app's own message."""
    return FieldError(path, rule, message, limits, value) if message else found(path, "invalid", value)


def _sentence(catalogue: Mapping[str, str], rule: str, limits: Mapping[str, Any]) -> str | None:
    """Return the message for a rule; None if the catalogue lacks a part of it."""
    has_one = any(limit == 1 for limit in limits.values())
    template = (catalogue.get(f"{rule}.one") if has_one else None) or catalogue.get(rule)
    if template is None:
        return None
    try:
        return template.format_map({name: _shown(catalogue, name, limit) for name, limit in limits.items()})
    except (LookupError, ValueError):
        return None


def _shown(catalogue: Mapping[str, str], name: str, limit: Any) -> str:
    if isinstance(limit, (list, tuple)):
        prefix = "types." if name == "types" else ""
        parts = [str(part) for part in cast("list[Any]", limit)]
        return catalogue.get("or", ", ").join(catalogue[prefix + part] if prefix else part for part in parts)
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    text = str(limit)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def by_path(errors: list[FieldError], message: Any) -> dict[str, list[str]]:
    """Return the messages of errors by path, in display order, without duplicates."""
    messages: dict[str, dict[str, None]] = {}
    for error in errors:
        messages.setdefault(error.path, {})[message(error)] = None
    return {path: list(texts) for path, texts in messages.items()}


def dotted(path: str) -> str:
    """Return a path with bracketed indexes as forms write it: `items[0].name` becomes `items.0.name`."""
    return _INDEX.sub(lambda index: f".{index[1]}" if index[1] else "", path) if "[" in path else path


def joined(path: str, name: str) -> str:
    """Return the dotted path of a name inside a path. Either may be empty."""
    return f"{path}.{name}" if path and name else path or name


def value_at(value: Any, path: str) -> Any:
    """Return the value at a dotted path in parsed JSON or form data; None if there is none."""
    for name in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = cast("Mapping[str, Any]", value).get(name)
        elif isinstance(value, (list, tuple)) and name.isdecimal() and int(name) < len(cast("list[Any]", value)):
            value = cast("list[Any]", value)[int(name)]
        else:
            return None
    return value
