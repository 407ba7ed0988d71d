"""Texts that try to become markup or code, each of which sets `window.__xss` if it does."""

from __future__ import annotations

__all__ = ("HOSTILE_TEXTS",)

_RUN = "window.__xss=1"

HOSTILE_TEXTS = [
    # Break out of a script element.
    f"</script><script>{_RUN}</script>",
    f"</ScRiPt ><script>{_RUN}</script>",
    f"</script\t><img src=x onerror={_RUN}>",
    "<!--<script>",
    f"<!--<script></script>--><script>{_RUN}</script>",
    f"--><script>{_RUN}</script><!--",
    f"]]><script>{_RUN}</script>",
    f"\u2028{_RUN}\u2029//",
    f'"}}}};{_RUN};//',
    f"\\u003c/script>\\u003cscript>{_RUN}\\u003c/script>",
    # Break out of an attribute.
    f'"><img src=x onerror={_RUN}>',
    f"'><svg onload={_RUN}>",
    f'" onmouseover="{_RUN}" autofocus onfocus="{_RUN}',
    f"` onerror=`{_RUN}",
    f"&quot;&gt;&lt;img src=x onerror={_RUN}&gt;",
    f"&#34;&#62;<img src=x onerror={_RUN}>",
    # Break out of a title, a text area, a style.
    f"</title><script>{_RUN}</script>",
    f"</textarea></style></noscript><img src=x onerror={_RUN}>",
    # Elements that run or load something.
    f"<img src=x onerror={_RUN}>",
    f"<svg/onload={_RUN}>",
    f'<iframe srcdoc="<script>parent.{_RUN.removeprefix("window.")}</script>"></iframe>',
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    '<base href="https://example.invalid/">',
    '<meta http-equiv="refresh" content="0;url=javascript:0">',
    f"<details open ontoggle={_RUN}>",
    f"javascript:{_RUN}",
    # Template languages of servers and clients.
    "{{ ''.__class__ }} {{ 7 * 7 }} {% include 'x' %} {# x #}",
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
    f"${{{_RUN}}} #{{{_RUN}}} <%= {_RUN} %>",
    f"{{@html '<img src=x onerror={_RUN}>'}}",
    # Markers at which a server inserts rendered markup into a document.
    '</head></body></html><div id="app" data-page="x"></div>',
    '<script data-page="app" type="application/json">{"component":"Evil"}</script>',
    '{"page":"here"} <!--app-html--> <!--ssr-outlet--> %s {0} \\1 $& $1',
    # Text direction, invisible characters, escapes.
    "\u202eevil\u202c\ufeff\u200b\U0001f469\u200d\U0001f4bb\U0010fffd",
    '\\ \\\\ \\" \\n %3Cscript%3E %00 \x7f',
]
