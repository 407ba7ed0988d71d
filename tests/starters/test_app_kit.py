"""The app kit, used as by its first user: in development with --reload, and in production with two workers."""

from __future__ import annotations

import base64
import hmac
import re
import shutil
import struct
import subprocess
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.server import wait_for
from tests.starters.conftest import ONE_FRAMEWORK, ROOT
from tests.starters.test_starters import TYPECHECK, leave
from tests.starters.tutorial import Edit, actions_of

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.e2e.conftest import Complaints
    from tests.starters.conftest import AppKit

pytestmark = pytest.mark.starters

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, which finds accessibility problems."""
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "axe-core@4.14.1"]
    subprocess.run(command, cwd=folder, check=True, timeout=400)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


class Auditor:
    """Checks pages with axe-core, light and dark, on a desktop and on a phone."""

    def __init__(self, axe: str | None) -> None:
        self.axe = axe

    def check(self, page: Page) -> None:
        if self.axe is None:
            return
        size = page.viewport_size
        for width, height in ((1280, 800), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                # Colours are computed again in the next frame.
                page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
                assert self._violations(page) == [], f"{page.url} at {width}, {scheme}"
        if size is not None:
            page.set_viewport_size(size)

    def _violations(self, page: Page) -> list[Any]:
        found: list[dict[str, Any]] = page.evaluate(f"{self.axe}; axe.run().then(({{violations}}) => violations)")
        return [
            (violation["id"], violation["nodes"][0]["html"])
            for violation in found
            if violation["impact"] in {"serious", "critical"}
        ]


def picture(path: Path) -> Path:
    """Write a small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x40\x20\xc0" * 8) * 8)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    return path


def one_time_code(secret: str) -> str:
    """Return the current code of an authenticator app (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


class Walk:
    """The steps of a first user in a browser."""

    def __init__(self, page: Page, url: str, log: Path, auditor: Auditor) -> None:
        self.page, self.url, self.log, self.auditor = page, url, log, auditor

    def link_in_mail(self, start: str) -> str:
        """Return the path of the newest link that the server printed."""
        found: list[str] = []

        def has_arrived() -> bool:
            found[:] = re.findall(rf"https?://[^\s/]+({start}\S+)", self.log.read_text("utf-8", "replace"))
            return bool(found)

        wait_for(has_arrived, f"a mail with {start}")
        return found[-1]

    def register_and_verify(self, email: str) -> None:
        page = self.page
        page.goto(self.url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        self.auditor.check(page)
        page.get_by_role("link", name="Register").click()
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_text("This field is required.")).to_have_count(3)
        self.auditor.check(page)
        page.get_by_label("Name").fill("Ada Lovelace")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
        self.auditor.check(page)
        page.goto(self.url + self.link_in_mail("/verify-email/"))
        expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="Your e-mail address is verified.")).to_be_visible()
        self.auditor.check(page)

    def use_projects(self) -> None:
        page = self.page
        page.get_by_role("link", name="Go to projects").click()
        expect(page.get_by_text("No projects yet")).to_be_visible()
        page.get_by_role("button", name="New project").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Create").click()
        expect(dialog.get_by_text("This field is required.")).to_be_visible()
        self.auditor.check(page)
        dialog.get_by_label("Name").fill("Apollo")
        dialog.get_by_label("Due date").fill("2027-07-20")
        dialog.get_by_role("button", name="Create").click()
        expect(dialog).to_have_count(0)
        row = page.get_by_role("row").filter(has_text="Apollo")
        expect(row).to_contain_text("Planned")

        row.get_by_role("button", name="Actions for Apollo").click()
        page.get_by_role("menuitem", name="Edit").click()
        dialog.get_by_label("Status").select_option(label="Active")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
        expect(row).to_contain_text("Active")
        self.auditor.check(page)

        page.get_by_label("Search projects").fill("mars")
        expect(page.get_by_text("Nothing found")).to_be_visible()
        expect(page).to_have_url(re.compile(r"\?search=mars$"))
        page.get_by_label("Search projects").fill("")
        expect(row).to_be_visible()
        for order in ("ascending", "descending"):
            page.get_by_role("link", name="Name", exact=True).click()
            expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", order)

        row.get_by_role("button", name="Actions for Apollo").click()
        page.get_by_role("menuitem", name="Delete").click()
        self.auditor.check(page)
        page.get_by_role("alertdialog").get_by_role("button", name="Delete project").click()
        expect(page.get_by_text("No projects yet")).to_be_visible()

    def upload_a_picture(self, file: Path) -> None:
        page = self.page
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings").click()
        expect(page.get_by_role("button", name="Upload")).to_be_visible()
        page.locator("input[type=file]").set_input_files(file)
        expect(page.get_by_role("status").filter(has_text="Picture saved.")).to_be_visible()
        expect(page.locator("img[src^='/avatars/']").first).to_be_visible()
        self.auditor.check(page)
        page.get_by_role("link", name="Security").click()
        expect(page.get_by_role("heading", name="Two-factor authentication")).to_be_visible()
        self.auditor.check(page)
        page.get_by_role("link", name="Appearance").click()
        expect(page.get_by_role("heading", name="Theme")).to_be_visible()
        self.auditor.check(page)

    def use_two_factors(self, email: str) -> None:
        page = self.page
        page.get_by_role("link", name="Security").click()
        page.get_by_role("button", name="Turn on").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Your password", exact=True).fill(PASSWORD)
        self.auditor.check(page)
        dialog.get_by_role("button", name="Continue").click()
        secret = page.locator("code").inner_text()
        self.auditor.check(page)
        page.get_by_label("Code in the app").fill(one_time_code(secret))
        page.get_by_role("button", name="Confirm").click()
        recovery_code = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").first.inner_text()
        self.auditor.check(page)
        self.log_out()
        page.get_by_role("link", name="Log in").click()
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        self.auditor.check(page)
        page.get_by_label("Code").fill(recovery_code)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings").click()
        page.get_by_role("link", name="Security").click()
        page.get_by_role("button", name="Turn off").click()
        dialog.get_by_label("Your password", exact=True).fill(PASSWORD)
        dialog.get_by_role("button", name="Turn off").click()
        expect(page.get_by_role("button", name="Turn on")).to_be_visible()

    def log_out(self) -> None:
        self.page.get_by_role("button", name="Ada Lovelace").click()
        self.page.get_by_role("menuitem", name="Log out").click()
        expect(self.page).to_have_url(f"{self.url}/")
        expect(self.page.get_by_role("link", name="Log in")).to_be_visible()

    def reset_the_password(self, email: str) -> None:
        page = self.page
        page.goto(f"{self.url}/projects?search=moon")
        expect(page).to_have_url(f"{self.url}/login")
        page.get_by_role("link", name="Forgot it?").click()
        # Both pages have a field with this label.
        expect(page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
        self.auditor.check(page)
        page.get_by_label("E-mail address").fill(email)
        page.get_by_role("button", name="Send the link").click()
        expect(page.get_by_role("status").filter(has_text="a mail is on its way")).to_be_visible()
        page.goto(self.url + self.link_in_mail("/reset-password/"))
        expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
        self.auditor.check(page)
        page.get_by_label("New password").fill("another password")
        page.get_by_role("button", name="Save the password").click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        self.auditor.check(page)
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill("another password")
        page.get_by_role("button", name="Log in").click()
        # The page that redirected to the login.
        expect(page).to_have_url(f"{self.url}/projects?search=moon")


def walk_through(page: Page, url: str, kit: AppKit, auditor: Auditor, email: str, tmp_path: Path) -> None:
    walk = Walk(page, url, kit.log, auditor)
    walk.register_and_verify(email)
    walk.use_projects()
    walk.upload_a_picture(picture(tmp_path / "me.png"))
    walk.use_two_factors(email)
    walk.log_out()
    walk.reset_the_password(email)
    walk.log_out()


def test_types_migrations_and_the_doctor_have_nothing_to_say(app_kit: AppKit) -> None:
    programs = app_kit.folder / ".venv" / "bin"
    assert "up to date" in app_kit.run(str(programs / "litestar-vite"), "types", "--check")
    assert "No problems found" in app_kit.run(str(programs / "litestar-vite"), "doctor")
    app_kit.run(str(programs / "litestar"), "database", "upgrade", "--no-prompt")
    assert "No new upgrade operations" in app_kit.run(str(programs / "litestar"), "database", "check")
    app_kit.run(app_kit.python, "-c", TYPECHECK)


def test_its_own_tests_are_green(app_kit: AppKit) -> None:
    output = app_kit.run(app_kit.python, "-m", "pytest", "-q")
    assert re.search(r"\d\d passed", output), output
    assert "warning" not in output, output


@pytest.mark.each_framework
def test_it_is_used_in_production_with_two_workers(
    app_kit: AppKit, page: Page, complaints: Complaints, axe: str, tmp_path: Path
) -> None:
    complaints.expect("status of 404|status of 409")
    with app_kit.in_production() as url:
        text = httpx.get(f"{url}/login", timeout=60, trust_env=False).text
        assert re.search("<h1[^>]*>Welcome back", text), "rendered on the server"
        terms = httpx.get(f"{url}/terms", timeout=60, trust_env=False).text
        assert re.search("<h1[^>]*>Terms of use", terms)
        assert "stylesheet" in terms
        assert not re.search("modulepreload|type=.module|data-page", terms), "without JavaScript"
        auditor = Auditor(axe)
        walk_through(page, url, app_kit, auditor, "ada@example.org", tmp_path)
        missing = page.goto(f"{url}/nowhere")
        assert missing is not None
        assert missing.status == 404
        expect(page.locator("h1")).to_have_text("This page does not exist")
        auditor.check(page)
        leave(page)


@ONE_FRAMEWORK
def test_the_welcome_page_is_hinted_and_shared_by_visitors_only(
    app_kit: AppKit, page: Page, complaints: Complaints
) -> None:
    navigation = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    with app_kit.in_production(VITE_SERVER_TIMING="1") as url:
        Walk(page, url, app_kit.log, Auditor(None)).register_and_verify("hedy@example.org")
        (session,) = [each for each in page.context.cookies() if each["name"] == "session"]
        of_user = navigation | {"Cookie": f"session={session['value']}"}
        answers: list[httpx.Response] = []
        # Each of the two workers has a cache, so at least one of three visitors gets a cached page.
        for _ in range(3):
            user = httpx.get(url, headers=of_user, timeout=60, trust_env=False)
            assert "Go to the dashboard" in user.text
            assert "hedy@example.org" in user.text
            assert "rendering: cached" not in user.headers["server-timing"]
            answers.append(httpx.get(url, headers=navigation, timeout=60, trust_env=False))
            assert "Create an account" in answers[-1].text
            assert "hedy@example.org" not in answers[-1].text
        assert any("rendering: cached" in answer.headers["server-timing"] for answer in answers)
        assert re.search(r"Welcome-[^>]+>; rel=modulepreload", answers[0].headers["link"])
        leave(page)


@ONE_FRAMEWORK
def test_the_terms_are_written_to_files(app_kit: AppKit) -> None:
    litestar = str(app_kit.folder / ".venv" / "bin" / "litestar")
    settings = ("APP_ENV=production", f"SECRET_KEY={'k' * 32}", f"VAR={app_kit.folder / 'var-2'}")
    output = app_kit.run("env", *settings, litestar, "assets", "prerender", "--origin", "https://example.org")
    assert "1 pages in" in output
    pages = app_kit.folder / "dist" / "pages"
    assert "Terms of use" in (pages / "html" / "terms" / "index.html").read_text("utf-8")
    assert len(list(pages.glob("json/*/terms/index.json"))) == 1


def test_it_is_used_while_somebody_writes(app_kit: AppKit, page: Page, complaints: Complaints, tmp_path: Path) -> None:
    # Vite's own connection fails when the test stops the server.
    complaints.expect(r"\[vite\]|WebSocket|ERR_CONNECTION_RE(FUSED|SET)|status of 409")
    with app_kit.served("--reload") as url:
        wait_for(
            lambda: "Everything but your idea" in httpx.get(url, timeout=60, trust_env=False).text,
            "a page that is rendered from the sources",
        )
        walk_through(page, url, app_kit, Auditor(None), "grace@example.org", tmp_path)
        leave(page)


def test_what_is_typed_while_an_answer_arrives_stays(app_kit: AppKit, page: Page, complaints: Complaints) -> None:
    held: list[Route] = []
    with app_kit.in_production() as url:
        Walk(page, url, app_kit.log, Auditor(None)).register_and_verify("mary@example.org")
        page.add_init_script("document.addEventListener('inertia:navigate', () => { window.isReady = true })")
        page.route(re.compile(r"/projects\?search=ma$"), lambda route: held.append(route))  # noqa: PLW0108 - a separate function
        # The clock is paused, so the field only sends its text when the test advances the clock.
        page.clock.install()
        page.goto(f"{url}/projects?search=moon")
        page.wait_for_function("window.isReady")
        page.clock.pause_at(page.evaluate("Date.now() + 1000"))
        field = page.get_by_label("Search projects")
        field.fill("ma")
        page.clock.run_for(300)
        wait_for(lambda: held, "the first search", lambda: page.wait_for_timeout(50))
        field.press_sequentially("rs")
        held[0].continue_()
        expect(page).to_have_url(f"{url}/projects?search=ma")
        expect(field).to_have_value("mars")
        page.clock.run_for(300)
        expect(page).to_have_url(f"{url}/projects?search=mars")

        # The space before the next word is not part of the search.
        with page.expect_response(re.compile(r"/projects\?search=mars$")):
            field.press_sequentially(" ")
            page.clock.run_for(300)
        field.press_sequentially("rover")
        page.clock.run_for(300)
        expect(page).to_have_url(re.compile(r"\?search=mars(\+|%20)rover$"))

        # After navigation, the field shows the search of the new page.
        page.get_by_role("button", name="Show all projects").click()
        expect(page).to_have_url(f"{url}/projects")
        page.go_back()
        expect(field).to_have_value("mars rover")
        leave(page)


@ONE_FRAMEWORK
def test_the_page_of_the_readme_is_added(app_kit: AppKit, page: Page, complaints: Complaints) -> None:
    """Follow the README word by word. Visitors get the page without the sidebar, as its links need a user."""
    complaints.expect(r"\[vite\]|WebSocket|ERR_CONNECTION_RE(FUSED|SET)")
    _, _, section = (ROOT / "README.md").read_text("utf-8").partition("To add a page, ")
    edits = [action for action in actions_of(section) if isinstance(action, Edit)]
    files = [app_kit.folder / edit.path for edit in edits]
    assert [file.name for file in files] == ["hello.py", "app.py", "Hello.tsx"]
    before = app_kit.folder / "app.py"
    text = before.read_text("utf-8")
    try:
        for edit in edits:
            edit.apply(app_kit.folder)
        with app_kit.served_from_sources() as url:
            page.goto(f"{url}/hello")
            expect(page.get_by_role("heading", name="Hello World")).to_be_visible()
            expect(page).to_have_title("Hello · Acme")
            expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
            expect(page.get_by_role("link", name="Home page")).to_be_visible()
            leave(page)
    finally:
        before.write_text(text, "utf-8")
        for file in (files[0], files[2]):
            file.unlink(missing_ok=True)


def test_a_chosen_theme_is_there_before_the_first_paint(app_kit: AppKit, page: Page, complaints: Complaints) -> None:
    with app_kit.in_production() as url:
        page.goto(f"{url}/login")
        page.get_by_role("button", name="Dark").click()
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
        # Without the page's script files, only the script in the document can set the theme.
        page.route("**/*.js", lambda route: route.abort())
        complaints.expect("ERR_FAILED")
        page.reload(wait_until="commit")
        page.wait_for_selector("body")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        leave(page)


@ONE_FRAMEWORK
def test_the_image_has_all_that_its_stages_need(app_kit: AppKit, tmp_path: Path) -> None:
    """Run the COPY lines of two stages, and the RUN lines of the first, in empty folders, without Docker."""
    _, frontend, _, final = (app_kit.folder / "Dockerfile").read_text("utf-8").split("\nFROM ")
    build = tmp_path / "frontend"
    for line in frontend.splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            copy(app_kit.folder, build, rest)
        elif word == "RUN":
            done = subprocess.run(
                ["sh", "-c", rest], cwd=build, capture_output=True, text=True, timeout=400, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
    image = tmp_path / "image"
    for line in final.splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY" and rest.startswith("--from=frontend /app/"):
            copy(build, image, rest.replace("--from=frontend /app/", ""))
        elif word == "COPY" and not rest.startswith("--from"):
            copy(app_kit.folder, image, rest)
    environ = {**app_kit.environ, "APP_ENV": "production", "SECRET_KEY": "k" * 32}
    command = [str(app_kit.folder / ".venv" / "bin" / "litestar"), "database", "upgrade", "--no-prompt"]
    done = subprocess.run(command, cwd=image, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (image / "var" / "app.sqlite3").is_file()
    assert (image / "dist" / "client" / ".vite" / "manifest.json").is_file()


def copy(source: Path, target: Path, rest: str) -> None:
    """Copy files as `COPY rest` does."""
    *patterns, name = rest.split()
    target.mkdir(exist_ok=True)
    for path in (path for pattern in patterns for path in source.glob(pattern)):
        if path.is_dir():
            shutil.copytree(path, target / name)
        else:
            shutil.copy(path, target / name)
