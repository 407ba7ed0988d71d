"""Single-line reverts of the Inertia room, each with the tests that have to see it."""

from __future__ import annotations

from typing import Final, NamedTuple


class Mutant(NamedTuple):
    """One change: in `file`, `old` (which stands there once) becomes `new`; `tests` turn red."""

    what: str
    file: str
    old: str
    new: str
    tests: str


P, I = "tests/protocol", "tests/integration"
MUTANTS: Final = [
    Mutant("except counts as only", "protocol/resolver.py", "select(visit.only, visit.except_)", "select(visit.except_, visit.only)", f"{P}/test_partials.py"),
    Mutant("except is forgotten", "protocol/paths.py", "return Selection(only_tree if only else None, except_tree or None)", "return Selection(only_tree if only else None, None)", f"{P}/test_partials.py"),
    Mutant("only loses its descendants", "protocol/paths.py", "if key not in only:\n                return None\n            only = only[key]", "if key not in only:\n                return None\n            only = only[key] or {}", f"{P}/test_partials.py"),
    Mutant("a deep path is followed for ever", "protocol/paths.py", "_MAX_SEGMENTS: Final = 64", "_MAX_SEGMENTS: Final = 64_000", f"{P}/test_partials.py"),
    Mutant("always is not always", "protocol/resolver.py", "if prop.presence is Presence.ALWAYS:\n            wanted = EVERYTHING", "if prop.presence is Presence.ALWAYS:\n            pass", f"{P}/test_kinds.py {P}/test_partials.py"),
    Mutant("deferred props are sent at once", "protocol/resolver.py", "elif prop.presence is not Presence.NORMAL:", "elif prop.presence is Presence.OPTIONAL:", f"{P}/test_kinds.py"),
    Mutant("deferred props are announced on partials", "protocol/props.py", " and not situation.is_partial:", ":", f"{P}/test_kinds.py"),
    Mutant("a known deferred prop is announced", "protocol/resolver.py", "if prop.is_withheld(path, self.situation):\n            self._describe_withheld(path, prop)", "if False:\n            self._describe_withheld(path, prop)", f"{P}/test_kinds.py"),
    Mutant("a reset prop keeps its label", "protocol/props.py", "if path in situation.visit.reset:  # Protocol E40: a reset prop is sent afresh, without its merge labels.", "if False:", f"{P}/test_kinds.py"),
    Mutant("prepend is append", "protocol/props.py", '"prepend": "prependProps"', '"prepend": "mergeProps"', f"{P}/test_kinds.py"),
    Mutant("match_on is not told", "protocol/props.py", 'f"{target}.{key}" for key in self.match_on', 'f"{target}.{key}" for key in ()', f"{P}/test_kinds.py"),
    Mutant("once is withheld on partials", "protocol/props.py", "if self.fresh or situation.is_partial or not visit.is_inertia:", "if self.fresh or not visit.is_inertia:", f"{P}/test_kinds.py"),
    Mutant("once is withheld from browsers", "protocol/props.py", "if self.fresh or situation.is_partial or not visit.is_inertia:", "if self.fresh or situation.is_partial:", f"{P}/test_kinds.py"),
    Mutant("fresh is ignored", "protocol/props.py", "if self.fresh or situation.is_partial or not visit.is_inertia:", "if situation.is_partial or not visit.is_inertia:", f"{P}/test_kinds.py"),
    Mutant("expiry in seconds", "protocol/props.py", "situation.now_ms + round(self.seconds * 1000)", "situation.now_ms + round(self.seconds)", f"{P}/test_kinds.py"),
    Mutant("a rescued prop keeps its labels", "protocol/resolver.py", "            self._retract(name, entries)\n", "            pass\n", f"{P}/test_kinds.py"),
    Mutant("the merge intent is ignored", "protocol/scroll.py", 'situation.visit.merge_intent == "prepend"', "False", f"{P}/test_kinds.py"),
    Mutant("a scroll prop never says reset", "protocol/scroll.py", '"reset": path in situation.visit.reset', '"reset": False', f"{P}/test_kinds.py"),
    Mutant("scroll metadata of a kind that a callable returned is lost", "protocol/resolver.py", "for label in (*node.prop.labels, *node.outer):", "for label in node.prop.labels:", f"{I}/test_scroll.py"),
    Mutant("partial without a component", "protocol/visit.py", "return self.is_inertia and self.partial_component == component", "return self.is_inertia and self.partial_component is not None", f"{P}/test_kinds.py"),
    Mutant("no cap on headers", "protocol/visit.py", "MAX_KEYS: Final = 256", "MAX_KEYS: Final = 256_000", f"{P}/test_visits.py"),
    Mutant("an unescaped <", "protocol/page.py", '.replace(b"<", b"\\\\u003c")', "", f"{P}/test_page.py"),
    Mutant("an unescaped U+2028", "protocol/page.py", "if _SEPARATOR_LEAD in page_json:", "if False:", f"{P}/test_page.py"),
    Mutant("indexes in the order they came", "protocol/brackets.py", "sorted(items, key=int)", "items", f"{P}/test_brackets.py"),
    Mutant("Vary replaced", "wire.py", 'vary = ", ".join([*known, *(item for item in ours.split(", ") if item.lower() not in names)])', "pass", f"{I}/test_headers.py"),
    Mutant("Vary dropped", "wire.py", '_VARY: Final = (b"vary", b"X-Inertia")', '_VARY: Final = (b"x-vary", b"X-Inertia")', f"{I}/test_headers.py"),
    Mutant("X-Inertia on documents", "wire.py", '_HTML: Final = ((b"content-type", b"text/html; charset=utf-8"),)', '_HTML: Final = ((b"content-type", b"text/html; charset=utf-8"), (b"x-inertia", b"true"))', f"{I}/test_headers.py"),
    Mutant("a 409 for POST", "hooks.py", ' or inertia.scope["method"] != "GET"', "", f"{I}/test_headers.py"),
    Mutant("no version on the 409", "hooks.py", "X_INERTIA_VERSION: version, ", "", f"{I}/test_headers.py"),
    Mutant("the answer of PUT stays 302", "redirects.py", 'method in {"PUT", "PATCH", "DELETE"}', 'method in {"PUT", "PATCH"}', f"{I}/test_redirects.py"),
    Mutant("a prefetch is told the fragment", "redirects.py", '"#" in location and not inertia.visit.is_prefetch', '"#" in location', f"{I}/test_redirects.py"),
    Mutant("//host is a path", "redirects.py", 'return None if target.startswith("//") else target', "return target", f"{I}/test_redirects.py"),
    Mutant("a backslash is no slash", "redirects.py", 'head.replace("\\\\", "/")', "head", f"{I}/test_redirects.py {I}/test_forms.py"),
    Mutant("javascript: becomes a location", "redirects.py", "scheme[0].lower() not in _WEB_SCHEMES:\n            # As", "False:\n            # As", f"{I}/test_redirects.py"),
    Mutant("a prefetch uses flash up", "response.py", "if not inertia.visit.is_prefetch:", "if True:", f"{I}/test_carry.py"),
    Mutant("flash is shown twice", "response.py", "carried.drop(*_CONSUMED)", "pass", f"{I}/test_carry.py"),
    Mutant("page props yield to shared ones", "response.py", "props = {**shared, **props}", "props = {**props, **shared}", f"{I}/test_props.py"),
    Mutant("error bags are ignored", "request.py", "bag = inertia.visit.error_bag\n", "bag = None\n", f"{I}/test_carry.py"),
    Mutant("a cookie of yesterday is read", "carry.py", "max_age=COOKIE_MAX_AGE_SECONDS", "max_age=None", f"{I}/test_carry.py"),
    Mutant("the cookie is readable", "carry.py", "; HttpOnly; SameSite=lax", "; SameSite=lax", f"{I}/test_carry.py"),
    Mutant("the first error only", "validation.py", "if body_errors:\n", "if False:\n", f"{I}/test_validation.py"),
    Mutant("root.name", "fields.py", 'f"{path}.{name}" if path else name', 'f"{path}.{name}"', f"{I}/test_validation.py"),
    Mutant("the handler runs on precognition", "precognition.py", "            raise PrecognitionSuccess\n        return await users", "            pass\n        return await users", f"{I}/test_precognition.py"),
    Mutant("Validate-Only is ignored", "precognition.py", "if not only:", "if True:", f"{I}/test_precognition.py"),
    Mutant("403 without the header", "precognition.py", 'if message["status"] >= _ERRORS_FROM or', "if", f"{I}/test_precognition.py"),
    Mutant("a user's 400 handler replaces the redirect", "failures.py", "_STATUSES: Final = frozenset({400, 403})", "_STATUSES: Final = frozenset({403})", f"{I}/test_validation.py"),
    Mutant("the text of an exception is shown", "failures.py", "component=component)", "component=component); component == 1 or page.content.update(message=str(exc))", f"{I}/test_error_pages.py"),
    Mutant("a wrong CSRF token is a 403", "csrf.py", "or exc.detail != _DETAIL", "or True", f"{I}/test_csrf.py"),
    Mutant("a stale CSRF cookie stays", "csrf.py", "    answer.delete_cookie(config.cookie_name, path=config.cookie_path, domain=config.cookie_domain)\n", "", f"{I}/test_csrf.py"),
    Mutant("all variants have one ETag", "caching.py", "sorted((bytes(name), bytes(value)) for name, value in headers if name.startswith(_OURS))", "[]", f"{I}/test_etags.py"),
    Mutant("a page with flash is public", "caching.py", "if is_private:\n", "if False:\n", f"{I}/test_etags.py"),
    Mutant("an attribute of the head is not escaped", "head.py", "escape(str(value))", "str(value)", f"{I}/test_head.py"),
    Mutant("pages of two kinds share a cache entry", "hooks.py", 'return f"{key}|inertia:', 'return key or f"{key}|inertia:', f"{I}/test_cache.py"),
    Mutant("a cursor is a number", "pagination.py", "return None if cursor is None else str(cursor)", "return cursor", f"{I}/test_scroll.py"),
    Mutant("excluded fields of pydantic are shown", "bag.py", "if name in kinds and not field.exclude:", "if name in kinds:", f"{I}/test_props.py"),
]  # fmt: skip
