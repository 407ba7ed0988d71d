"""Authentication: login, registration, password reset, e-mail verification and two factors."""

from litestar import Router

from backend.auth import login, password_reset, registration, two_factor

auth_router = Router(
    "/",
    route_handlers=[
        login.show,
        login.store,
        login.logout,
        registration.show,
        registration.store,
        registration.notice,
        registration.send,
        registration.verify,
        password_reset.forgot,
        password_reset.send,
        password_reset.show,
        password_reset.store,
        two_factor.show,
        two_factor.store,
    ],
)
