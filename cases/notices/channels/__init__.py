"""Words reach a person or a program: one small module per channel, each with one `send`.

`send(message, target)` returns when the other side has taken it (a text: by which name), or raises `Undelivered`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

# why it did not arrive: the short word that is kept with the delivery, and its sentence
ERRORS = {
    "address": _("地址不对，请核对"),
    "refused": _("这个地址不许发（见 HUYING_NOTICE_HOSTS）"),
    "resolve": _("找不到这台主机"),
    "connect": _("连不上"),
    "timeout": _("等得太久，没有答复"),
    "tls": _("对方证书不可信"),
    "status": _("对方没有收"),
    "redirect": _("对方要转到别处，不跟随"),
    "answer": _("对方的答复看不懂"),
    "rejected": _("对方说不行"),
    "mail": _("邮件服务器没有收"),
    "no_mail": _("没有设置邮件服务器（HUYING_SMTP_HOST）"),
    "sealed": _("密钥换过，地址要重新填"),
    "off": _("通道已关"),
    "gone": _("收件人已停用或没有邮箱"),
    "opted_out": _("对方已退订短信"),
    "no_phone": _("没有能收短信的手机号"),
    "no_gateway": _("没有开着的短信网关"),
    "wiped": _("评价码已作废，请重新发一个"),
    "unsure": _("不确定网关收没收到，没有自动再发"),
    "not_arrived": _("网关说没有送达"),
    "silent": _("网关一直没有说送没送到"),
    "broken": _("出了意外，已记入日志"),
}


class Undelivered(Exception):
    """`error` is a key of ERRORS; `detail` a number or a word of the other side, never more than a line. `unsure`: the
    request left, and nobody knows whether it was taken."""

    def __init__(self, error: str, detail: object = "", *, unsure: bool = False) -> None:
        super().__init__(error)
        self.error, self.detail = error, " ".join(str(detail).split())[:200]
        self.unsure = unsure


@dataclass(frozen=True)
class Message:
    """What is said: number, words without a person in them, a link. `key` is the same at every try."""

    key: str
    event: str
    kind: str
    urgency: str
    number: str
    words: str
    link: str
    at: dt.datetime
    mentions: tuple[str, ...] = ()
    subject: str = ""
    params: Mapping[str, str] = field(default_factory=dict)  # of a text: what its template is filled with
    language: str = ""  # of a text


@dataclass(frozen=True)
class Target:
    """Where to: an opened address with its secret."""

    address: str
    secret: str = ""
    phone: str = ""
    gateway: Mapping[str, Any] = field(default_factory=dict)
