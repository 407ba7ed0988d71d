"""The style of the error page in development, for light and dark colour schemes."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --back: #fff; --text: #1c1d22; --soft: #5c606b; --line: #d9dbe1; --own: #f5f6f8;
  --mark: #ffe3e0; --red: #b3261e; --blue: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --back: #17181c; --text: #e8e9ed; --soft: #a2a6b1; --line: #33353d;
  --own: #1f2127; --mark: #5a2420; --red: #ff8a80; --blue: #8ab4f8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
header, section { max-width: 70rem; margin: 0 auto; padding: 1rem 1.5rem; }
header { padding-top: 2rem; }
section { padding-top: 0; }
h1 { margin: .2rem 0 .6rem; font-size: 1.5rem; line-height: 1.3; overflow-wrap: anywhere; white-space: pre-wrap; }
h2 { margin: .5rem 0; font-size: 1.05rem; }
p { margin: .4rem 0; color: var(--soft); overflow-wrap: anywhere; }
.kind { color: var(--red); font-weight: 600; }
.hint { border-left: 4px solid var(--blue); padding: .4rem .8rem; color: var(--text); background: var(--own); }
.cause { margin-top: 1rem; color: var(--red); }
details { margin: .4rem 0; border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; }
details.own { background: var(--own); }
details.library { opacity: .8; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary span { color: var(--soft); }
a { color: var(--blue); }
details { position: relative; }
details > a { position: absolute; top: .45rem; right: .8rem; font-size: 14px; }
details[open] > summary { padding-right: 8rem; }
code { font: 13px ui-monospace, monospace; }
header pre { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; background: var(--own); }
pre i { color: var(--soft); font-style: normal; user-select: none; }
pre { margin: .5rem 0; overflow-x: auto; font: 13px/1.55 ui-monospace, monospace; }
mark { display: inline-block; min-width: 100%; background: var(--mark); color: inherit; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { padding: .25rem .5rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { width: 14rem; font-weight: 600; }
"""
