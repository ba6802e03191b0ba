"""A mailbox: plain text, one recipient; the message's id is the same at every try."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from cases.notices.channels import Message, Target, Undelivered


def send(message: Message, target: Target) -> None:
    if not settings.MAIL_READY:
        raise Undelivered("no_mail")
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "huying"
    headers = {"Message-ID": f"<{message.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    subject = " ".join((message.subject or message.words).split())[:120]
    words = f"{message.words}\n{message.link}\n" if message.link else f"{message.words}\n"
    letter = EmailMessage(subject, words, settings.DEFAULT_FROM_EMAIL, [target.address], headers=headers)
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as problem:
        code = next((answer[0] for answer in problem.recipients.values()), "")
        raise Undelivered("address", code) from None
    except smtplib.SMTPResponseException as problem:
        raise Undelivered("mail", problem.smtp_code) from None
    except TimeoutError:
        raise Undelivered("timeout") from None
    except (smtplib.SMTPException, OSError) as problem:
        raise Undelivered("connect", type(problem).__name__) from None
