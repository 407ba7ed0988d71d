"""Generated types match the sent data: random models, the real encoder, the real compiler, and the guard."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from litestar.plugins.pydantic import PydanticInitPlugin

from litestar_vite._typegen.page_guard import compare
from litestar_vite._typegen.sources import Sources
from litestar_vite._typegen.type_shapes import Describer
from litestar_vite._typegen.typescript import Writer, name_declarations
from litestar_vite.inertia._page.encode import Encoding
from tests.unit.typegen.random_models import Kind, Random

if TYPE_CHECKING:
    from litestar_vite._typegen.shapes import Shape

TSC = Path(__file__).parents[3] / "src" / "js" / "node_modules" / "typescript" / "bin" / "tsc"
VALUES = 3


def described(count: int, seed: int, *, by_alias: bool) -> list[tuple[Kind, Shape, list[Any]]]:
    """Return random types, their shapes, and some encoded values."""
    chance = Random(random.Random(seed))
    encoders = PydanticInitPlugin.encoders(prefer_alias=by_alias)
    encoding = Encoding(encoders)
    describer = Describer(Sources(), encoders, by_alias=by_alias)
    found = []
    for _ in range(count):
        kind = chance.kind()
        shape = describer.describe(kind.annotation)
        values = [msgspec.json.decode(encoding.encode(kind.make())) for _ in range(VALUES)]
        found.append((kind, shape, values))
    name_declarations(describer.declarations.values())
    described.declarations = list(describer.declarations.values())  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("by_alias", [False, True])
def test_the_guard_accepts_what_the_encoder_sends(by_alias: bool) -> None:
    for kind, shape, values in described(150, 1, by_alias=by_alias):
        for value in values:
            assert compare(value, shape, "value") is None, (kind.annotation, value, shape)


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("node") is None or not TSC.is_file(), reason="TypeScript is not installed (make install)"
)
@pytest.mark.parametrize("by_alias", [False, True])
def test_the_compiler_accepts_what_the_encoder_sends(tmp_path: Path, by_alias: bool) -> None:
    found = described(1000, 2, by_alias=by_alias)
    declarations = name_declarations(described.declarations)  # type: ignore[attr-defined]
    types, values = Writer(), []
    for declaration in declarations:
        types.write(f"export type {declaration.name} = ")
        types.shape(declaration.shape)
        types.write("\n")
    for number, (_, shape, sent) in enumerate(found):
        types.write(f"export type Value{number} = ")
        types.shape(shape)
        types.write("\n")
        # As literals, since TypeScript rejects unknown keys in these.
        texts = (msgspec.json.encode(value).decode().replace('"__proto__":', '["__proto__"]:') for value in sent)
        values += [f"export const v{number}_{index}: t.Value{number} = {text}" for index, text in enumerate(texts)]
    (tmp_path / "types.gen.d.ts").write_text(str(types), "utf-8")
    (tmp_path / "values.ts").write_text("import type * as t from './types.gen'\n" + "\n".join(values), "utf-8")
    assert "any" not in str(types).replace("many", "").split()
    options = {"strict": True, "noEmit": True, "skipLibCheck": False, "exactOptionalPropertyTypes": True, "types": []}
    config = {"compilerOptions": {**options, "target": "es2022"}, "files": ["values.ts"]}
    (tmp_path / "tsconfig.json").write_text(msgspec.json.encode(config).decode(), "utf-8")
    done = subprocess.run(["node", str(TSC)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[:4000]
