"""Terminal output of the commands. Only this module imports rich."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


class Terminal:
    """Prints results and next steps. `verbose` shows the output of the programs that the commands run."""

    def __init__(self, *, verbose: bool = False, console: Console | None = None) -> None:
        self.verbose = verbose
        self.console = console or Console(highlight=False)

    def heading(self, title: str, detail: str = "") -> None:
        self.console.print()
        self._print(f"[bold]{escape(title)}[/]  [dim]{escape(detail)}[/]")
        self.console.print()

    def done(self, text: str, detail: str = "") -> None:
        self._line("[green]✓[/]", text, detail)

    def warn(self, text: str, detail: str = "") -> None:
        self._line("[yellow]![/]", text, detail)

    def bad(self, text: str, detail: str = "") -> None:
        self._line("[red]✗[/]", text, detail)

    def hint(self, text: str) -> None:
        """Print a suggestion for the line above."""
        self._hanging("[cyan]→[/]", escape(text), indent=4)

    def note(self, text: str) -> None:
        self._print(f"[dim]{escape(text)}[/]")

    def blank(self) -> None:
        self.console.print()

    @contextmanager
    def step(self, doing: str, done: str) -> Iterator[None]:
        """Show a spinner, then the result and the time taken. Print nothing on failure."""
        begin = time.monotonic()
        if self.verbose or not self.console.is_terminal:
            yield
        else:
            with self.console.status(escape(doing), spinner_style="cyan"):
                yield
        self.done(done, f"{time.monotonic() - begin:.1f} s")

    def next_steps(self, steps: Sequence[tuple[str, str]]) -> None:
        """Print commands with their purpose. Commands are not wrapped, so that they can be copied."""
        self.console.print()
        self._print("Next:")
        width = max((len(command) for command, purpose in steps if purpose), default=0)
        for command, purpose in steps:
            line = Text.assemble(
                "    ", (command.ljust(width) if purpose else command, "bold cyan"), "   ", (purpose, "dim")
            )
            line.rstrip()
            self.console.print(line, soft_wrap=True)
        self.console.print()

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Print aligned names and values."""
        table = Table.grid(padding=(0, 3))
        for name, value in rows:
            table.add_row(f"[dim]{escape(name)}[/]", escape(value))
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def _line(self, sign: str, text: str, detail: str) -> None:
        self._hanging(sign, escape(text) + (f"  [dim]{escape(detail)}[/]" if detail else ""))

    def _hanging(self, sign: str, markup: str, *, indent: int = 2) -> None:
        """Print a sign and a text with a hanging indent."""
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_row(sign, markup)
        self.console.print(Padding(row, (0, 0, 0, indent)))

    def _print(self, markup: str) -> None:
        self.console.print(Padding(markup, (0, 0, 0, 2)), soft_wrap=False)
