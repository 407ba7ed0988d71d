"""The user's own settings."""

from email.message import EmailMessage

from litestar_vite.testing import InertiaTestClient

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def test_a_new_address_has_to_be_verified(ada: InertiaTestClient, inbox: list[EmailMessage]) -> None:
    ada.visit("/settings/profile")
    page = ada.submit("/settings/profile", {"name": "Ada", "email": "new@example.org"}, method="PUT")
    page.where("auth.user.name", "Ada").where("auth.user.is_verified", False)
    assert inbox[-1]["To"] == "new@example.org"


def test_a_picture_is_recognised_by_its_content(ada: InertiaTestClient) -> None:
    ada.visit("/settings/profile")
    page = ada.submit("/settings/avatar", {}, files={"avatar": ("me.png", PNG, "image/png")})
    url = page.value("auth.user.avatar_url")
    response = ada.get(url)
    assert (response.content, response.headers["content-type"]) == (PNG, "image/png")
    page = ada.submit("/settings/avatar", {}, files={"avatar": ("me.png", b"<script>", "image/png")})
    page.has_errors("avatar").where("auth.user.avatar_url", url)
    ada.submit("/settings/avatar", {}, method="DELETE").where("auth.user.avatar_url", None)
    assert ada.get(url).status_code == 404


def test_the_password_changes_with_the_old_one(ada: InertiaTestClient) -> None:
    ada.visit("/settings/security")
    form = {"current_password": "wrong", "password": "new password"}
    ada.submit("/settings/password", form, method="PUT").has_errors("current_password")
    ada.submit("/settings/password", {**form, "current_password": "correct horse"}, method="PUT").has_flash("success")
    ada.submit("/logout", {})
    ada.visit("/login")
    ada.submit("/login", {"email": "ada@example.org", "password": "new password"}).component("Dashboard")


def test_an_account_is_deleted_with_its_password(ada: InertiaTestClient) -> None:
    ada.visit("/settings/profile")
    ada.submit("/settings/account", {"password": "wrong"}, method="DELETE").has_errors("password")
    ada.submit("/settings/account", {"password": "correct horse"}, method="DELETE").component("Welcome")
    ada.visit("/login")
    ada.submit("/login", {"email": "ada@example.org", "password": "correct horse"}).has_errors("email")
