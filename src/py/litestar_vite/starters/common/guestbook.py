"""The guest book: a list, a form and its validation. Entries are kept in memory; replace `Guestbook` by a database."""

from datetime import UTC, datetime
from itertools import count

from litestar import Request, Router, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar_vite.inertia import InertiaBack, InertiaRedirect, error, flash
from msgspec import Struct


class Entry(Struct, frozen=True):
    """An entry as sent to pages. `litestar assets types` writes it into src/generated."""

    id: int
    name: str
    message: str
    written_at: datetime


class Activity(Struct, frozen=True):
    """A summary of the guest book."""

    entries: int
    latest: str | None


class EntryForm(Struct):
    """The form's data."""

    name: str = ""
    message: str = ""

    def problems(self) -> dict[str, str]:
        """Return an error message for each invalid field."""
        problems: dict[str, str] = {}
        if not self.name.strip():
            problems["name"] = "Please tell us your name."
        elif len(self.name) > 60:
            problems["name"] = "A name has at most 60 characters."
        if not self.message.strip():
            problems["message"] = "Please write something."
        elif len(self.message) > 500:
            problems["message"] = f"A message has at most 500 characters; this one has {len(self.message)}."
        return problems


class Guestbook:
    """Entries, newest first. Only the latest 100 are kept, which limits memory use."""

    def __init__(self) -> None:
        self._ids = count(1)
        self.entries: list[Entry] = []
        self.add("Ada", "A page from the server, a form without an API. I like it here.")

    def add(self, name: str, message: str) -> Entry:
        entry = Entry(next(self._ids), name.strip(), message.strip(), datetime.now(UTC))
        self.entries = [entry, *self.entries][:100]
        return entry

    def remove(self, entry_id: int) -> Entry:
        entry = next((entry for entry in self.entries if entry.id == entry_id), None)
        if entry is None:
            raise NotFoundException(f"No entry {entry_id}.")
        self.entries = [other for other in self.entries if other is not entry]
        return entry

    async def activity(self) -> Activity:
        """Return a summary. In a real app, this would be a slow query."""
        return Activity(len(self.entries), self.entries[0].name if self.entries else None)


book = Guestbook()


@get("/", component="Guestbook/Index", name="guestbook.index")
async def index() -> dict[str, object]:
    return {"entries": book.entries}


@post("/", name="guestbook.store")
async def store(request: Request, data: JSONBody[EntryForm]) -> InertiaBack | InertiaRedirect:
    problems = data.problems()
    for field, sentence in problems.items():
        error(request, field, sentence)
    if problems:
        return InertiaBack(request)
    entry = book.add(data.name, data.message)
    flash(request, f"Thank you, {entry.name}!", category="success")
    return InertiaRedirect(request, "/guestbook")


@delete("/{entry_id:int}", name="guestbook.destroy", status_code=303)
async def destroy(request: Request, entry_id: FromPath[int]) -> InertiaRedirect:
    entry = book.remove(entry_id)
    flash(request, f"The entry of {entry.name} is gone.", category="info")
    return InertiaRedirect(request, "/guestbook")


guestbook_router = Router("/guestbook", route_handlers=[index, store, destroy])
