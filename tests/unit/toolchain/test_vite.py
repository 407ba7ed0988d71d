"""The project's own Vite resolves its config, which may be arbitrary code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from litestar_vite._toolchain.runtime import Runtime, find_runtime
from litestar_vite._toolchain.vite import ask_vite

NODE_MODULES = Path(__file__).parents[3] / "src" / "js" / "node_modules"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


def test_plugins_and_base_are_those_that_vite_builds_with(root: Path) -> None:
    (root / "vite.config.ts").write_text(
        """
        console.log("loading")
        const plugins: unknown[] = [{ name: "one" }, [Promise.resolve([{ name: "two" }]), false, null]]
        export default ({ command, mode }: { command: string; mode: string }) => ({
          base: command === "build" ? `/${mode}/` : "/", plugins // , base: "/x/"
        })
        """
    )
    facts = ask_vite(root, find_runtime(), os.environ)
    assert facts is not None
    assert (facts.is_loaded, facts.base, facts.error) == (True, "/production/", None)
    assert {"one", "two"} <= set(facts.plugins)


def test_a_plugin_that_refuses_the_config_hides_nothing(root: Path) -> None:
    (root / "vite.config.js").write_text(
        'export default { base: "/x/", plugins: [{ name: "strict", config() { throw new Error("not this base") } }] }'
    )
    facts = ask_vite(root, find_runtime(), os.environ)
    assert facts is not None
    assert (facts.is_loaded, facts.base, facts.error) == (True, "/x/", "not this base")


def test_a_config_that_cannot_be_loaded_says_why(root: Path) -> None:
    (root / "vite.config.js").write_text("export default {")
    facts = ask_vite(root, find_runtime(), os.environ)
    assert facts is not None
    assert not facts.is_loaded
    assert facts.error


def test_without_vite_or_a_runtime_that_runs_there_is_no_answer(root: Path, tmp_path: Path) -> None:
    assert ask_vite(root, Runtime("node", str(tmp_path / "none")), os.environ) is None
    (root / "node_modules").unlink()
    assert ask_vite(root, find_runtime(), os.environ) is None
