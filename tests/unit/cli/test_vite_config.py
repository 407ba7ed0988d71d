"""What a text says about its `base`, which is only read and never run."""

from __future__ import annotations

import pytest

from litestar_vite.cli.doctor.vite_config import base_in, without_comments

SAID = {
    "in defineConfig": "export default defineConfig({ base: '/x/' })",
    "in a plain object": "export default { base: '/x/' }",
    "for CommonJS": 'module.exports = {\n  base: "/x/",\n}',
    "as a quoted name": "export default { 'base': '/x/' }",
    "in backticks": "export default { base: `/x/` }",
    "after objects, lists, calls and braces in strings": "export default { a: { b: [1, f({})] }, c: '}', d: `${ { e } }`, base : '/x/', g: 1 }",
    "with a type": "export default defineConfig({ base: '/x/' } satisfies UserConfig)",
    "beside others of that name": "const a = { base: '/a/' }\nexport default { plugins: [pwa({ base: '/b/' })], base: '/x/', css: { base: '/c/' } }",
    "beside a comment": "export default { // base: '/a/',\n  base: '/x/', /* base: '/b/' */ }",
}
UNSAID = {
    "nothing": "",
    "no base": "export default defineConfig({ plugins: [litestar()] })",
    "another's base": "export default { plugins: [pwa({ base: '/x/' })], router: { base: '/x/' } }",
    "a name that ends so": "export default { database: '/x/', $base: '/x/', 'the-base': '/x/' }",
    "a comment": "export default { /* base: '/x/', */ plugins: [] }",
    "a string": "export default { note: \"base: '/x/'\", plugins: [] }",
    "a value, not a name": "export default { mode: dev ? base : '/x/' }",
    "a variable": "export default { base, other: '/x/' }",
    "a choice": "export default { base: dev ? '/' : '/x/' }",
    "a sum": "export default { base: '/x/' + name }",
    "the start of a choice": "export default { base: '/x/' ? a : b }",
    "a template with a value in it": "export default { base: `/${name}/` }",
    "an escape": "export default { base: '/\\x/' }",
    "a function": "export default defineConfig(({ mode }) => ({ base: '/x/' }))",
    "what may be overwritten": "export default { base: '/x/', ...others }",
    "an object that is not the config": "const x = { base: '/x/' }\nexport default x",
    "a merge": "export default mergeConfig({ base: '/x/' }, other)",
    "half a file": "export default { base: '/x/', plugins: [",
}


@pytest.mark.parametrize("text", SAID.values(), ids=SAID)
def test_a_literal_base_is_read(text: str) -> None:
    assert base_in(without_comments(text)) == "/x/"


@pytest.mark.parametrize("text", UNSAID.values(), ids=UNSAID)
def test_other_values_are_ignored(text: str) -> None:
    assert base_in(without_comments(text)) is None
