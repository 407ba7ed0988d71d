"""Receipts: an application for an older litestar-vite, with sessions in the database, guards, uploads and e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, Any

from advanced_alchemy.extensions.litestar import SQLAlchemyAsyncConfig, SQLAlchemyPlugin, base
from advanced_alchemy.extensions.litestar.session import SessionModelMixin, SQLAlchemyAsyncSessionBackend
from litestar import Controller, Litestar, Request, get, post
from litestar.background_tasks import BackgroundTask
from litestar.config.csrf import CSRFConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.session.base import SessionMiddleware
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.pagination import OffsetPagination
from litestar.params import Body
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar_vite import PathConfig, RuntimeConfig, TypeGenConfig, ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaBack, InertiaConfig, InertiaRedirect, defer, flash, lazy, share
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

HERE = Path(__file__).parent
OUTBOX = HERE / "outbox"
PER_PAGE = 2


class StoredSession(SessionModelMixin):
    __tablename__ = "sessions"


class Receipt(base.BigIntBase):
    __tablename__ = "receipts"

    owner: Mapped[str]
    title: Mapped[str]
    file_name: Mapped[str]
    size: Mapped[int]


@dataclass
class Login:
    name: str
    password: str


@dataclass
class NewReceipt:
    title: str
    file: UploadFile


def signed_in(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    if "name" not in connection.session:
        raise NotAuthorizedException


async def share_name(request: Request[Any, Any, Any]) -> None:
    share(request, "auth", {"name": request.session.get("name")})


def send_mail(to: str, title: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = f"{to}@example.org", f"Receipt {title}"
    message.set_content("It has arrived.")
    OUTBOX.mkdir(exist_ok=True)
    (OUTBOX / f"{title}.eml").write_bytes(bytes(message))


@get("/login", page="Login", name="login")
async def login() -> dict[str, Any]:
    return {}


@post("/login")
async def sign_in(request: Request[Any, Any, Any], data: Login) -> InertiaRedirect:
    if data.password != "secret":
        flash(request, "Wrong password", "error")
        return InertiaRedirect(request, redirect_to="/login")
    request.session["name"] = data.name
    flash(request, f"Welcome {data.name}", "success")
    return InertiaRedirect(request, redirect_to="/")


class Receipts(Controller):
    guards = [signed_in]

    @get("/", page="Receipts/Index", name="receipts.index")
    async def index(
        self, request: Request[Any, Any, Any], db_session: AsyncSession, offset: int = 0
    ) -> dict[str, Any]:
        mine = Receipt.owner == request.session["name"]
        total = await db_session.scalar(select(func.count()).select_from(Receipt).where(mine)) or 0
        rows = await db_session.scalars(select(Receipt).where(mine).order_by(Receipt.id).offset(offset).limit(PER_PAGE))

        async def bytes_of_all() -> int:
            return await db_session.scalar(select(func.sum(Receipt.size)).where(mine)) or 0

        items = [{"id": row.id, "title": row.title, "size": row.size} for row in rows]
        return {
            "receipts": OffsetPagination(items=items, limit=PER_PAGE, offset=offset, total=total),
            "bytes": defer("bytes", bytes_of_all),
            "help": lazy("help", lambda: "Ask Ada."),
        }

    @post("/receipts", name="receipts.add")
    async def add(
        self,
        request: Request[Any, Any, Any],
        db_session: AsyncSession,
        data: Annotated[NewReceipt, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> InertiaBack:
        content, owner = await data.file.read(), request.session["name"]
        db_session.add(Receipt(owner=owner, title=data.title, file_name=data.file.filename, size=len(content)))
        await db_session.commit()
        flash(request, f"Added {data.title}", "success")
        return InertiaBack(request, background=BackgroundTask(send_mail, owner, data.title))


@get("/plain")
async def plain() -> dict[str, str]:
    return {}


alchemy = SQLAlchemyAsyncConfig(connection_string=f"sqlite+aiosqlite:///{HERE / 'receipts.db'}", create_all=True)
sessions = ServerSideSessionConfig()
backend = SQLAlchemyAsyncSessionBackend(config=sessions, alchemy_config=alchemy, model=StoredSession)

vite = VitePlugin(
    config=ViteConfig(
        mode="template",
        dev_mode=False,
        paths=PathConfig(root=HERE, bundle_dir="public", resource_dir="resources", asset_url="/static/"),
        runtime=RuntimeConfig(is_react=True, start_dev_server=False),
        types=TypeGenConfig(output=Path("resources/generated")),
        inertia=InertiaConfig(
            root_template="index.html",
            redirect_unauthorized_to="/login",
            extra_static_page_props={"company": "Lovelace & Co"},
            extra_session_page_props={"name"},
        ),
    )
)

app = Litestar(
    [login, sign_in, Receipts, plain],
    plugins=[SQLAlchemyPlugin(config=alchemy), vite],
    middleware=[DefineMiddleware(SessionMiddleware, backend=backend)],
    csrf_config=CSRFConfig(secret="a" * 32, cookie_name="XSRF-TOKEN", header_name="X-XSRF-TOKEN"),
    before_request=share_name,
    template_config=TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine),
)
