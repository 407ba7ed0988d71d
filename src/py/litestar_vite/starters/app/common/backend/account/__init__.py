"""The user's own settings."""

from litestar import Router

from backend.account import profile, security
from backend.auth.guards import signed_in

account_router = Router(
    "/settings",
    route_handlers=[
        profile.show,
        profile.update,
        profile.upload_avatar,
        profile.remove_avatar,
        profile.destroy,
        profile.appearance,
        security.show,
        security.change_password,
        security.start_two_factor,
        security.confirm_two_factor,
        security.renew_recovery_codes,
        security.stop_two_factor,
    ],
    guards=[signed_in],
)
