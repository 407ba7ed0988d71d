"""The files of a new page: handler, component and test, in the style of the project."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from msgspec import Struct

from litestar_vite._cli.page.naming import Place
from litestar_vite._cli.page.templates import HANDLER, REACT, SVELTE, TEST, VUE, render

CLIENTS: Final = {"react": "@inertiajs/react", "vue": "@inertiajs/vue3", "svelte": "@inertiajs/svelte"}
_TEMPLATES: Final = {"react": REACT, "vue": VUE, "svelte": SVELTE}


class Style(Struct, frozen=True):
    """The style of a project. Folders are relative to the current one.

    Attributes:
        framework: react, vue or svelte.
        generated: The folder of the generated types; None if the project has none.
        app_module: The app's module, such as "app" or "tracker.app".
        app_name: Its name in the module.
        app_is_factory: True if the name is a function that returns the app.
    """

    framework: str
    pages: str = "src/pages"
    typescript: bool = True
    generated: str | None = "src/generated"
    modules: str = ""
    app_module: str = "app"
    app_name: str = "app"
    app_is_factory: bool = False

    @property
    def is_typed(self) -> bool:
        return self.typescript and self.generated is not None


def page_files(place: Place, style: Style, *, form: bool) -> dict[str, bytes]:
    """Return the text of each file of a page, by its path."""
    component = f"{place.component}{_suffix(style)}"
    named = {
        "COMPONENT": place.component,
        "CLASS": place.component.replace("/", ""),
        "ROUTE": place.route,
        "URL": place.url,
        "TITLE": place.title,
    }
    typed = _typed(place, style, form=form) if style.is_typed else _untyped(place, style)
    props = f"{place.parameter}, title" if form and place.parameter else "title"
    shared = {"PROPS": props, "LANG": ' lang="ts"' if style.typescript else ""}
    texts = {
        posixpath.join(style.modules, f"{place.module}.py"): render(
            HANDLER, named | _python(place, form=form), form=form
        ),
        posixpath.join(style.pages, component): render(_TEMPLATES[style.framework], named | shared | typed, form=form),
        f"tests/test_{place.module}.py": render(
            TEST,
            named
            | {"APP_MODULE": style.app_module, "APP": style.app_name, "CALL": "()" if style.app_is_factory else ""},
            form=form,
        ),
    }
    return {name: text.encode() for name, text in texts.items()}


def _python(place: Place, *, form: bool) -> dict[str, str]:
    """Return the values of the handler that depend on the path and the form."""
    parameter = place.parameter
    markers = [name for name, is_used in (("FromPath", parameter), ("JSONBody", form)) if is_used]
    argument = f"{parameter}: FromPath[int]" if parameter else ""
    return {
        "PARAMS_IMPORT": f"from litestar.params import {', '.join(markers)}" if markers else "",
        "FIELD": f"{parameter}: int" if parameter else "",
        "VALUE": f"{parameter}={parameter}, " if parameter else "",
        "ARGUMENT": argument,
        "FURTHER_ARGUMENT": f", {argument}" if parameter else "",
        "PATH": place.path,
        "PREFIX": place.prefix,
        "ROUTER": f"{place.module}_router",
    }


def _typed(place: Place, style: Style, *, form: bool) -> dict[str, str]:
    """Return the values of a component with the generated types and routes."""
    folder = posixpath.dirname(posixpath.join(style.pages, place.component))
    generated = posixpath.relpath(style.generated or "", folder)
    store, name = _camel(f"{place.route}.store"), f"{place.component.replace('/', '')}Form"
    props = "Pages" if style.framework == "vue" else "PageProps"
    inputs = "Inputs, " if form else ""
    call = f"{store}({f'{{ {place.parameter} }}' if place.parameter else ''})"
    return {
        "PACKAGE": f"litestar-vite/{style.framework}",
        "STORE_IMPORT": f"import {{ {store} }} from '{generated}/routes'",
        "TYPES_IMPORT": f"import type {{ {inputs}{props} }} from '{generated}/pages.gen'",
        "TYPE": f": PageProps<'{place.component}'>",
        "DEFINE_PROPS": f"defineProps<Pages['{place.component}']>()",
        "FORM": "Form" if style.framework == "react" else name,
        "FORM_NAME": "createForm",
        "FORM_TYPE": f"<Inputs['{place.route}.store']>",
        "CREATE_FORM": f"const {name} = createForm<Inputs['{place.route}.store']>()",
        "ACTION": f':action="{call}"' if style.framework == "vue" else f"action={{{call}}}",
    }


def _untyped(place: Place, style: Style) -> dict[str, str]:
    """Return the values of a component in a project without generated types."""
    fields = f"{place.parameter}: number; title: string" if place.parameter else "title: string"
    names = f"{place.parameter}: Number, title: String" if place.parameter else "title: String"
    url = re.sub(r"\{.*?\}", f"${{{place.parameter}}}", place.pattern)
    action = f'action="{url}"'
    if place.parameter:
        action = f':action="`{url}`"' if style.framework == "vue" else f"action={{`{url}`}}"
    return {
        "PACKAGE": CLIENTS[style.framework],
        "STORE_IMPORT": "",
        "TYPES_IMPORT": "",
        "TYPE": f": {{ {fields} }}" if style.typescript else "",
        "DEFINE_PROPS": f"defineProps<{{ {fields} }}>()" if style.typescript else f"defineProps({{ {names} }})",
        "FORM": "Form",
        "FORM_NAME": "Form",
        "FORM_TYPE": "",
        "CREATE_FORM": "",
        "ACTION": f'{action} method="post"',
    }


def _suffix(style: Style) -> str:
    if style.framework != "react":
        return f".{style.framework}"
    return ".tsx" if style.typescript else ".jsx"


def _camel(route: str) -> str:
    first, *others = re.split(r"[._]", route)
    return first + "".join(part.capitalize() for part in others)
