"""Help and feedback: a page without JavaScript. Its form is submitted by the browser."""

import logging
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from msgspec import Meta, Struct

from litestar_vite.inertia import InertiaRedirect, flash

logger = logging.getLogger("kontor")


class FeedbackForm(Struct):
    """The data of the form. After an error, the page shows the problems and the previous input."""

    message: Annotated[str, Meta(min_length=10, max_length=2000)]
    email: Annotated[str, Meta(pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=160)] = ""


@get("/", component="Help", hydrate=False)
async def page() -> dict[str, Any]:
    return {"version": "1.0"}


@post("/")
async def send(request: Request, data: FeedbackForm) -> Response:
    logger.info("Feedback from %s: %s", data.email or "somebody", data.message)
    flash(request, "Thank you. We have received your message.", category="success")
    return InertiaRedirect(request, "/help")


feedback_router = Router("/help", route_handlers=[page, send])
