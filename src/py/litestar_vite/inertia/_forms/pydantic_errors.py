"""Converts pydantic's errors: their types become rules, and their locations become paths of form fields.

How it works:
1. pydantic adds internal steps to a location: the branch of a union (`("pet", "cat", "lives")`), a wrapped validator,
   or `[key]`. The location is followed through the validated value, and steps that are not in it are left out.
2. Known error types have a rule here. An unknown type is the app's own PydanticCustomError, with the app's message.

pydantic itself is not imported."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from litestar_vite.inertia._forms.messages import FieldError, custom, found, joined

UNKNOWN: Final = msgspec.UNSET
"""Marks an unknown value."""

_MISSING: Final = object()
# Steps of one search: locations are short, and only a name that is both a field and a branch is tried twice.
_MAX_STEPS: Final = 1_000
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|(?<![\w'])(-?\d+)(?![\w'])")

_REQUIRED: Final = ["missing", "missing_argument", "missing_keyword_only_argument", "missing_positional_only_argument"]
# These are meaningless to the visitor: bugs in a model, and checks of paths and modules.
_INVALID: Final = """
    no_such_attribute needs_python_object recursion_loop recursion_depth_exceeded frozen_field frozen_instance
    get_attribute_error default_factory_not_called iteration_error set_item_not_hashable missing_sentinel_error
    ellipsis_error is_subclass_of callable_type multiple_argument_values import_error not_operation_failed
    parent_does_not_exist path_exists path_not_directory path_not_file path_not_socket path_type pattern_bytes_type
    pattern_regex pattern_str_type pattern_type predicate_failed zoneinfo_str
""".split()  # noqa: SIM905 - a list of words, not of lines
_CHOICE: Final = frozenset({"enum", "literal_error", "union_tag_invalid"})
_UNKNOWN_FIELD: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument", "unexpected_positional_argument"})
_TYPES: Final = {
    kind: name
    for name, kinds in {
        "text": "string_type string_unicode invalid_key",
        "integer": "int_type int_parsing int_from_float",
        "number": "float_type float_parsing decimal_type decimal_parsing finite_number fraction_type "
        "fraction_parsing complex_type complex_str_parsing",
        "boolean": "bool_type bool_parsing",
        "list": "list_type tuple_type set_type frozen_set_type deque_type iterable_type sequence_str",
        "object": "model_type model_attributes_type dataclass_type dataclass_exact_type named_tuple_type "
        "dict_type frozen_dict_type ordered_dict_type counter_type mapping_type arguments_type",
        "empty": "none_required",
        "date": "date_type date_parsing date_from_datetime_parsing date_from_datetime_inexact",
        "datetime": "datetime_type datetime_parsing datetime_object_invalid datetime_from_date_parsing",
        "time": "time_type time_parsing",
        "duration": "time_delta_type time_delta_parsing",
        "uuid": "uuid_type uuid_parsing uuid_version",
        "url": "url_type url_parsing url_syntax_violation",
        "base64": "bytes_type bytes_invalid_encoding base64_decode",
        "ip": "ip_any_address ip_any_interface ip_any_network ip_v4_address ip_v4_interface ip_v4_network "
        "ip_v6_address ip_v6_interface ip_v6_network",
        "colour": "color_error",
        "card": "payment_card_number_brand payment_card_number_digits payment_card_number_luhn",
        "size": "byte_size byte_size_unit",
    }.items()
    for kind in kinds.split()
}
# The type, the rule, and for each limit its name here and in pydantic.
_RULES: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "greater_than": ("more_than", {"min": "gt"}),
    "greater_than_equal": ("min", {"min": "ge"}),
    "less_than": ("less_than", {"max": "lt"}),
    "less_than_equal": ("max", {"max": "le"}),
    "multiple_of": ("multiple_of", {"multiple_of": "multiple_of"}),
    "too_short": ("min_items", {"min": "min_length"}),
    "too_long": ("max_items", {"max": "max_length"}),
    "string_too_short": ("min_length", {"min": "min_length"}),
    "string_too_long": ("max_length", {"max": "max_length"}),
    "bytes_too_short": ("min_length", {"min": "min_length"}),
    "bytes_too_long": ("max_length", {"max": "max_length"}),
    "url_too_long": ("max_length", {"max": "max_length"}),
    "string_pattern_mismatch": ("pattern", {"pattern": "pattern"}),
    "string_not_ascii": ("pattern", {}),
    "decimal_max_digits": ("max_digits", {"max": "max_digits"}),
    "decimal_max_places": ("max_decimal_places", {"max": "decimal_places"}),
    "decimal_whole_digits": ("max_whole_digits", {"max": "whole_digits"}),
    "int_parsing_size": ("out_of_range", {}),
    "date_past": ("past", {}),
    "date_future": ("future", {}),
    "datetime_past": ("past", {}),
    "datetime_future": ("future", {}),
    "timezone_aware": ("timezone", {}),
    "timezone_naive": ("no_timezone", {}),
    "timezone_offset": ("timezone", {}),
    "json_invalid": ("malformed", {}),
    "json_type": ("malformed", {}),
    **dict.fromkeys([*_REQUIRED, "union_tag_not_found"], ("required", {})),
    **dict.fromkeys(_INVALID, ("invalid", {})),
}

# Models of `pydantic.v1`: error types are dotted, and the last part names the error.
_OLD: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "missing": ("required", {}),
    "none.not_allowed": ("required", {}),
    "any_str.min_length": ("min_length", {"min": "limit_value"}),
    "any_str.max_length": ("max_length", {"max": "limit_value"}),
    "list.min_items": ("min_items", {"min": "limit_value"}),
    "list.max_items": ("max_items", {"max": "limit_value"}),
    "number.not_gt": ("more_than", {"min": "limit_value"}),
    "number.not_ge": ("min", {"min": "limit_value"}),
    "number.not_lt": ("less_than", {"max": "limit_value"}),
    "number.not_le": ("max", {"max": "limit_value"}),
    "number.not_multiple": ("multiple_of", {"multiple_of": "multiple_of"}),
    "str.regex": ("pattern", {"pattern": "pattern"}),
}
_OLD_TYPES: Final = {
    "str": "text",
    "integer": "integer",
    "float": "number",
    "decimal": "number",
    "bool": "boolean",
    "list": "list",
    "dict": "object",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "duration": "duration",
    "uuid": "uuid",
    "email": "email",
    "url": "url",
}


def details_of(error: object) -> list[dict[str, Any]]:
    """Return the details of a pydantic ValidationError, or of the error that Litestar's decoder converts it to; none
    for any other error.
    """
    errors: Any = getattr(error, "errors", None)
    details: Any = errors() if callable(errors) else errors
    if not isinstance(details, list):
        return []
    return [cast("dict[str, Any]", entry) for entry in details if isinstance(entry, dict) and "loc" in entry]


def field_errors(details: list[dict[str, Any]], value: Any = UNKNOWN, path: str = "") -> list[FieldError]:
    """Return the errors in pydantic's details. Those of the branches of a union become one error. The validated value
    distinguishes fields from branches.
    """
    errors: list[FieldError] = []
    types: dict[str, int] = {}
    for entry in details:
        where, rule = _path(entry, value), str(entry.get("type"))
        error = _error(joined(path, where), rule, entry)
        if error.rule != "type":
            errors.append(error)
        elif (index := types.get(error.path)) is None:
            types[error.path] = len(errors)
            errors.append(error)
        else:
            both = dict.fromkeys([*errors[index].limits["types"], *error.limits["types"]])
            errors[index] = found(error.path, "type", error.value, types=tuple(both))
    return errors


def _error(path: str, kind: str, entry: dict[str, Any]) -> FieldError:
    context: dict[str, Any] = entry.get("ctx") or {}
    value, message = entry.get("input"), str(entry.get("msg", ""))
    if kind in ("value_error", "assertion_error"):
        return _raised(path, context, value, message)
    if (known := _rule(path, kind, context)) is None:
        return custom(path, message, value, kind, **context)
    rule, limits = known
    if rule == "required" or (rule == "type" and value is None and "input" in entry):
        return found(path, "required")
    return found(path, rule, value, **limits)


def _rule(path: str, kind: str, context: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the rule and the limits for an error type; None for the app's own types."""
    old = kind.partition(".")[2]
    if old in _OLD_TYPES:
        return "type", {"types": (_OLD_TYPES[old],)}
    if kind in _RULES or old:
        rule, limits = _OLD.get(old, ("invalid", {})) if old else _RULES[kind]
        return rule, {ours: context.get(theirs) for ours, theirs in limits.items()}
    if kind in _TYPES or kind == "is_instance_of":
        # "" does not name a type, and makes the error "invalid".
        return "type", {"types": (_TYPES.get(kind) or ("file" if context.get("class") == "UploadFile" else ""),)}
    if kind in _CHOICE:
        expected = str(context.get("expected") or context.get("expected_tags") or "")
        return "choice", {"choices": [int(m[2]) if m[2] else m[1] for m in _QUOTED.finditer(expected)]}
    if kind == "url_scheme":
        schemes = re.findall(r"'([^']+)'", str(context.get("expected_schemes")))
        return kind, {"schemes": [f"{scheme}://" for scheme in schemes]}
    return ("unknown", {"name": path.rpartition(".")[2]}) if kind in _UNKNOWN_FIELD else None


def _raised(path: str, context: dict[str, Any], value: Any, message: str) -> FieldError:
    """Return the error of a validator that raised: its own message, unless it is pydantic's e-mail validator."""
    if "reason" in context and message.startswith("value is not a valid email"):
        return found(path, "type", value, types=("email",))
    error = context.get("error")
    words = str(error) if isinstance(error, Exception) else message.removeprefix("Value error, ")
    return custom(path, words.removeprefix("Assertion failed, "), value)


# Places


def _path(entry: dict[str, Any], value: Any) -> str:
    """Return the dotted path of an error inside the validated value."""
    place: Sequence[Any] = entry.get("loc", ())
    kind, names = entry.get("type"), []
    if kind in (*_REQUIRED, "value_error.missing") and place:
        place, names = place[:-1], [str(place[-1])]
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        names = re.findall(r"^'(\w+)'$", str((entry.get("ctx") or {}).get("discriminator")))
    if value is UNKNOWN:
        kept: Sequence[Any] = [step for step in place if not _is_detour(step)]
    else:
        is_key = bool(place) and place[-1] == "[key]"
        kept = _followed(place, value, _MISSING if is_key else entry.get("input", _MISSING))
    return ".".join([*map(str, kept), *names])


def _is_detour(step: Any) -> bool:
    return isinstance(step, str) and ("[" in step or "(" in step)


def _followed(place: Sequence[Any], value: Any, target: Any) -> Sequence[Any]:
    """Return the steps of a location that lead through a value to the rejected part."""
    if target is not _MISSING and (steps := _search(place, value, _is(target))) is not None:
        return steps
    # A validator has changed the value before it was rejected, or it is a default.
    return _search(place, value, lambda _: True) or [step for step in place if not _is_detour(step)]


def _is(target: Any) -> Callable[[Any], bool]:
    return lambda value: value is target or (type(value) is type(target) and value == target)


def _search(place: Sequence[Any], value: Any, is_reached: Callable[[Any], bool]) -> list[Any] | None:
    """Return the shortest detours' way: a step is taken where the value has it, and left out where that leads
    nowhere.
    """
    waiting: list[tuple[int, Any, list[Any]]] = [(0, value, [])]
    for _ in range(_MAX_STEPS):
        if not waiting:
            break
        index, inner, kept = waiting.pop()
        if index == len(place):
            if is_reached(inner):
                return kept
            continue
        step = place[index]
        if isinstance(step, str):
            waiting.append((index + 1, inner, kept))
        if (part := _part(inner, step)) is not _MISSING:
            waiting.append((index + 1, part, [*kept, step]))
    return None


def _part(value: Any, step: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(step, value.get(str(step), _MISSING))
    if isinstance(value, (list, tuple)) and isinstance(step, int):
        items = cast("list[Any]", value)
        return items[step] if step < len(items) else _MISSING
    return _MISSING
