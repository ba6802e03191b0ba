"""The kinds of organisation: what each is called, and on which level it works."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Kind(NamedTuple):
    label: object  # a lazy string
    level: str  # community, street or district: where a unit of this kind resolves


KINDS: dict[str, Kind] = {
    "government": Kind(_("人民政府"), "district"),
    "party": Kind(_("党委部门"), "district"),
    "department": Kind(_("政府部门"), "district"),
    "branch": Kind(_("派出机构"), "district"),
    "institution": Kind(_("事业单位"), "district"),
    "mass": Kind(_("群团组织"), "district"),
    "vertical": Kind(_("垂直管理"), "district"),
    "utility": Kind(_("公用企业"), "district"),
    "street_office": Kind(_("街道办事处、镇政府"), "street"),
    "office": Kind(_("镇街机构"), "street"),
    "desk": Kind(_("指挥中心"), "street"),  # the place it is the desk of says its level
    "committee": Kind(_("居委会、村委会"), "community"),
    "property": Kind(_("物业企业"), "community"),
    "social": Kind(_("社会组织"), "community"),
}

LEVELS = ("community", "street", "district")
