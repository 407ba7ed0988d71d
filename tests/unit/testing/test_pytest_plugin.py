"""The pytest plugin: it is found by its entry point, loads lazily, and cleans up."""

from __future__ import annotations

import subprocess
import sys

import pytest

APP = """
    from litestar import Litestar, get
    from litestar_vite import ViteConfig, VitePlugin
    from litestar_vite.inertia import InertiaConfig

    stopped = []

    @get("/", component="Home")
    async def home() -> dict[str, str]:
        return {"name": "Ada"}

    def make_app():
        plugin = VitePlugin(ViteConfig(inertia=InertiaConfig()))
        return Litestar([home], plugins=[plugin], on_shutdown=[lambda: stopped.append(1)])
"""


@pytest.mark.slow
def test_the_fixture_makes_started_clients_and_stops_them_after_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(shop=APP)
    pytester.makepyfile(
        """
        from shop import make_app, stopped

        def test_two_clients(inertia_client):
            inertia_client(make_app()).visit("/").component("Home").where("name", "Ada")
            inertia_client(make_app(), base_url="https://shop.example").open("/").component("Home")
            assert stopped == []

        def test_they_were_stopped():
            assert stopped == [1, 1]
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_pytest_starts_without_importing_litestar(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            ours = {name for name in sys.modules if name.split(".")[0] == "litestar_vite"}
            assert ours == {"litestar_vite", "litestar_vite.pytest_plugin"}
            assert not {"litestar", "httpx"} & set(sys.modules)
        """
    )
    # This project's environment only has the plugins of anyio and litestar-vite. Neither may load Litestar.
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_names_of_the_package_load_on_first_use() -> None:
    import litestar_vite
    from litestar_vite.config import ViteConfig
    from litestar_vite.plugin import VitePlugin

    assert (litestar_vite.ViteConfig, litestar_vite.VitePlugin) == (ViteConfig, VitePlugin)
    assert {"ViteConfig", "VitePlugin"} <= set(dir(litestar_vite))
    with pytest.raises(AttributeError, match="no attribute 'Missing'"):
        litestar_vite.Missing  # noqa: B018


def test_production_code_does_not_import_the_test_kit() -> None:
    code = "import sys, litestar_vite.inertia; assert not [n for n in sys.modules if 'testing' in n and n.startswith('litestar')]"
    subprocess.run([sys.executable, "-c", code], check=True)
