"""A group bot of WeCom 企业微信: the key is in its address; people are named by their account there."""

from __future__ import annotations

from cases.notices.channels import Message, Target
from cases.notices.channels.http import ask_bot


def send(message: Message, target: Target) -> None:
    text = {"content": f"{message.words}\n{message.link}", "mentioned_list": list(message.mentions)}
    ask_bot(target.address, {"msgtype": "text", "text": text})
