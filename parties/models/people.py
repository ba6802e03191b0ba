"""A human. The only home of a name and of how to reach them: erasing this row's facts erases the person."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Person(models.Model):
    """Somebody who works here. `erased_at`: name and addresses were removed for good, the row stays for the
    separation of duties, which is by human."""

    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("电话"), max_length=32, blank=True, default="")
    email = models.EmailField(_("邮箱"), blank=True, default="")
    chat_id = models.CharField(_("群机器人里的账号"), max_length=64, blank=True, default="")
    erased_at = models.DateTimeField(_("删除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"
