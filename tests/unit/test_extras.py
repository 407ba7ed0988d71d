"""Optional packages are imported by the modules that use them, and by no others."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# By packages: the modules that use them. They are imported after a check that names the extra.
USERS = {
    "opentelemetry": ["_insight.opentelemetry", "_insight.spans", "_ssr.observe.instruments", "_ssr.observe.spans"],
    "prometheus_client": ["_insight.prometheus", "_ssr.observe.prometheus"],
    "jinja2,pydantic,attrs,advanced_alchemy,sqlalchemy,redis,asyncpg,psycopg": [],
}
BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1].split(","):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
"""
IMPORT_ALL = """
import importlib, json, pkgutil
import litestar_vite
failed = []
for module in pkgutil.walk_packages(litestar_vite.__path__, "litestar_vite."):
    if not module.name.startswith("litestar_vite.starters"):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError:
            failed.append(module.name.removeprefix("litestar_vite."))
print(json.dumps(sorted(failed)))
"""
MAKE_APP = """
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig
VitePlugin(ViteConfig(inertia=InertiaConfig(**{sys.argv[2]: True})))
"""


def run(script: str, *arguments: str) -> str:
    """Run a script in a process in which the packages in `arguments[0]` cannot be imported."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCK + script, *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("packages", USERS)
def test_a_missing_package_stops_only_the_modules_that_use_it(packages: str) -> None:
    assert json.loads(run(IMPORT_ALL, packages)) == USERS[packages]


@pytest.mark.parametrize(
    ("setting", "package"), [("prometheus", "opentelemetry"), ("opentelemetry", "prometheus_client")]
)
def test_one_kind_of_telemetry_does_not_need_the_package_of_the_other(setting: str, package: str) -> None:
    assert run(MAKE_APP, package, setting) == ""


@pytest.mark.parametrize(
    ("setting", "package"), [("prometheus", "prometheus_client"), ("opentelemetry", "opentelemetry")]
)
def test_a_missing_package_is_reported_with_its_extra(setting: str, package: str) -> None:
    assert f"pip install 'litestar-vite[{setting}]'" in run(MAKE_APP, package, setting)
