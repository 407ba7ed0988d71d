"""Registration, login, verification, password reset and two factors."""

from email.message import EmailMessage

import pyotp
from conftest import link_in, register
from litestar_vite.testing import InertiaTestClient

LOGIN = {"email": "ada@example.org", "password": "correct horse"}


def test_a_new_user_verifies_the_address_before_the_dashboard_opens(
    client: InertiaTestClient, inbox: list[EmailMessage]
) -> None:
    register(client, "Ada", "Ada@Example.org")
    client.visit("/dashboard").component("Auth/VerifyEmail")
    client.visit(link_in(inbox[-1])).component("Dashboard").where("auth.user.email", "ada@example.org")


def test_an_address_can_be_registered_once(ada: InertiaTestClient) -> None:
    ada.submit("/logout", {})
    ada.visit("/register")
    page = ada.submit("/register", {"name": "Eve", "email": "ADA@example.org", "password": "12345678"})
    page.component("Auth/Register").has_errors("email")


def test_a_link_for_another_account_verifies_nothing(client: InertiaTestClient, inbox: list[EmailMessage]) -> None:
    register(client, "Ada", "ada@example.org")
    link = link_in(inbox[-1])
    client.submit("/logout", {})
    register(client, "Eve", "eve@example.org")
    client.visit(link).component("Auth/VerifyEmail").has_flash("error")


def test_visitors_log_in_and_come_back_to_the_page_they_asked_for(ada: InertiaTestClient) -> None:
    ada.submit("/logout", {}).component("Welcome").where("auth.user", None)
    ada.visit("/projects?search=moon").component("Auth/Login")
    ada.submit("/login", LOGIN).url("/projects?search=moon").where("auth.user.name", "Ada Lovelace")


def test_an_unknown_address_has_the_message_of_a_wrong_password(ada: InertiaTestClient) -> None:
    ada.submit("/logout", {})
    ada.visit("/login")
    wrong = ada.submit("/login", {**LOGIN, "password": "wrong"}).value("errors.email")
    ada.submit("/login", {**LOGIN, "email": "nobody@example.org"}).error("email", wrong)


def test_the_sixth_attempt_has_to_wait(ada: InertiaTestClient) -> None:
    ada.submit("/logout", {})
    ada.visit("/login")
    for _ in range(5):
        ada.submit("/login", {**LOGIN, "password": "wrong"}).has_errors("email")
    ada.submit("/login", LOGIN).component("Auth/Login").has_flash("error")


def test_a_reset_link_works_once_and_ends_every_session(ada: InertiaTestClient, inbox: list[EmailMessage]) -> None:
    stolen = ada.cookies["session"]
    ada.submit("/logout", {})
    ada.visit("/forgot-password")
    ada.submit("/forgot-password", {"email": "ada@example.org"}).has_flash("success")
    link = link_in(inbox[-1])
    ada.visit(link).component("Auth/ResetPassword").where("is_valid", True)
    token = link.rsplit("/", 1)[-1]
    ada.submit("/reset-password", {"token": token, "password": "new password"}).component("Auth/Login")
    ada.visit(link).where("is_valid", False)
    ada.cookies.set("session", stolen)
    ada.visit("/dashboard").component("Auth/Login")


def test_the_response_does_not_reveal_accounts(client: InertiaTestClient, inbox: list[EmailMessage]) -> None:
    client.visit("/forgot-password")
    client.submit("/forgot-password", {"email": "nobody@example.org"}).has_flash("success")
    assert inbox == []


def test_two_factors_ask_for_a_code_and_take_each_code_once(ada: InertiaTestClient) -> None:
    ada.visit("/settings/security")
    page = ada.submit("/settings/two-factor", {"password": "correct horse"})
    totp = pyotp.TOTP(page.value("setup.secret"))
    code = totp.now()
    page = ada.submit("/settings/two-factor/confirm", {"code": code}).where("has_two_factor", True)
    recovery_codes = page.page["flash"]["recovery_codes"]
    ada.submit("/logout", {})
    ada.visit("/login")
    ada.submit("/login", LOGIN).component("Auth/TwoFactorChallenge")
    ada.visit("/dashboard").component("Auth/Login")
    ada.visit("/two-factor-challenge")
    ada.submit("/two-factor-challenge", {"code": code}).has_errors("code")
    ada.submit("/two-factor-challenge", {"code": recovery_codes[0]}).component("Dashboard")
    ada.visit("/settings/security").where("recovery_codes_left", len(recovery_codes) - 1)
