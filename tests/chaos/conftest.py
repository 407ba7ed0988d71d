"""The stage shared by the whole run, and the table of results printed at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

_results = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("chaos"))
    yield stage
    stage.close()
    if stage.results.rows:
        path = stage.results.write()
        request.config.stash[_results] = (
            f"{stage.results.summary()}\n\n{stage.results.markdown()}\n\nKept in {path.name}"
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if _results in config.stash:
        terminalreporter.section("chaos")
        terminalreporter.write_line(config.stash[_results])
