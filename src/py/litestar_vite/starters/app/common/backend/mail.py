"""Sends mail: by SMTP if SMTP_URL is set, else to the terminal."""

import asyncio
import smtplib
import sys
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import unquote, urlsplit

from backend.settings import settings

# The mails of a test run, newest last.
outbox: list[EmailMessage] = []


async def send_mail(to: str, subject: str, text: str) -> None:
    """Send a plain-text mail.

    Raises:
        OSError, SMTPException: The mail server cannot be reached, or it refused the mail.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message["Message-ID"] = make_msgid()
    message.set_content(text)
    if settings.environment == "test":
        outbox.append(message)
    elif settings.smtp_url is None:
        rule = "─" * 72
        print(f"\n{rule}\nTo: {to}\nSubject: {subject}\n\n{text}\n{rule}", file=sys.stderr, flush=True)  # noqa: T201
    else:
        await asyncio.to_thread(_send_by_smtp, settings.smtp_url, message)


def _send_by_smtp(smtp_url: str, message: EmailMessage) -> None:
    """Deliver to smtp://user:password@host:587 (with STARTTLS) or smtps://user:password@host:465."""
    url = urlsplit(smtp_url)
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with connect(url.hostname or "localhost", url.port or 0, timeout=20) as server:
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
