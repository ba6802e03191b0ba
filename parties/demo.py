"""The demo town's people (SPEC §12). They exist in demo mode only: elsewhere nobody has a known password."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from grid.models import Place
from grid.tree import path_ids
from ledger.actor import Actor
from parties.commands.accounts import open_account
from parties.commands.postings import post
from parties.errors import PartiesRefused
from parties.models import Account, Organisation

PASSWORD = "huying-demo"  # noqa: S105  a demo's, refused outside demo mode
STREET = "370811015"  # 观音阁街道
NOT_NEXT_DOOR = ("370811002", "370811109", "370811401")  # 许庄、石桥 are run by others, the last is no street


class Somebody(NamedTuple):
    username: str
    name: str
    role: str
    seat: str  # a key of _seats(), or the code of an organisation
    on_duty: bool = False


# The fourteen of the contract, 邻居 from another street, and one colleague each so that the separation of
# duties can be walked: a second worker, clerk, dispatcher, supervisor and admin, a second department (环卫)
# and the street's own law enforcement squad.
PEOPLE = (
    Somebody("louzhang", "孙秀兰", "building_lead", "building"),
    Somebody("wangge", "李建国", "grid_worker", "grid"),
    Somebody("wanggezhang", "赵玉梅", "grid_lead", "grid"),
    Somebody("shequ", "王晓燕", "community_clerk", "community"),
    Somebody("jiedao", "刘志强", "street_dispatcher", "street"),
    Somebody("zhiban", "陈立新", "shift_lead", "street", True),
    Somebody("lingdao", "马文博", "street_official", "street"),
    Somebody("quji", "周海涛", "district_dispatcher", "district"),
    Somebody("bumen", "吴国栋", "department_clerk", "GV24"),
    Somebody("fuzeren", "郑德明", "department_head", "GV24", True),
    Somebody("ducha", "冯静", "supervisor", "district"),
    Somebody("huifang", "韩雪", "return_visitor", "district"),
    Somebody("admin", "高远", "admin", "district"),
    Somebody("shenji", "宋清", "auditor", "district"),
    Somebody("linju", "邱大勇", "grid_worker", "next_door"),
    Somebody("wangge2", "张桂芳", "grid_worker", "grid2"),
    Somebody("shequ2", "徐敏", "community_clerk", "community"),
    Somebody("jiedao2", "朱凯", "street_dispatcher", "street"),
    Somebody("quji2", "何晓东", "district_dispatcher", "district", True),
    Somebody("bumen2", "梁超", "department_clerk", "GV24"),
    Somebody("huanwei", "许保平", "department_clerk", "IN02"),
    Somebody("zhongdui", "曹磊", "department_clerk", f"TS02-{STREET}"),
    Somebody("ducha2", "谢芸", "supervisor", "district"),
    Somebody("huifang2", "沈佳", "return_visitor", "district"),
    Somebody("admin2", "程浩", "admin", "district"),
)


@transaction.atomic
def load_demo_accounts(*, by: Actor, at: dt.datetime) -> int:
    """Open and post the people of PEOPLE who are missing; how many. PartiesRefused outside demo mode, or where
    the demo town's tree and organisations are not loaded yet."""
    if not settings.DEMO:
        raise PartiesRefused(_("演示账号只在演示模式（HUYING_DEMO=1）下存在。"), status=409)
    there = set(Account.objects.values_list("username", flat=True))
    missing = [somebody for somebody in PEOPLE if somebody.username not in there]
    seats = _seats() if missing else {}
    known = make_password(PASSWORD)  # once: it is slow on purpose, and no secret here
    for n, somebody in enumerate(missing, start=1):
        account = open_account(
            by=by,
            at=at,
            username=somebody.username,
            name=somebody.name,
            phone=f"138000{n:05d}",
        )
        # The known password is shorter than a real installation's rule and is set without asking it.
        account.password, account.must_change_password = known, False
        account.save(update_fields=["password", "must_change_password"])
        seat = seats.get(somebody.seat)
        place = seat if seat is not None else None
        unit = None if seat is not None else Organisation.objects.get(code=somebody.seat)
        post(
            by=by,
            at=at,
            account=account,
            role=somebody.role,
            place=place,
            organisation=unit,
            on_duty=somebody.on_duty,
        )
    return len(missing)


def _seats() -> dict[str, Place]:
    """Where the demo's people are posted, by the words that PEOPLE uses."""
    places = Place.objects.filter(retired_at=None).order_by("code")
    street = places.filter(code=STREET).first()
    if street is None:
        raise PartiesRefused(_("演示地点还没有载入。"), status=409)
    district = places.filter(kind="district", id__in=path_ids(street.path)).get()
    community = _inside(places, street, "community").first()
    grid = _inside(places, community, "grid").first()
    building = _inside(places, grid, "building").first()
    elsewhere = places.filter(kind="street", path__startswith=district.path).exclude(
        code__in=[STREET, *NOT_NEXT_DOOR]
    )
    next_street = elsewhere.last()
    next_community = _inside(places, next_street, "community").last()
    return {
        "building": building or grid,
        "grid": grid,
        "grid2": _inside(places, community, "grid").exclude(pk=grid.pk).first() or grid,
        "community": community,
        "street": street,
        "district": district,
        "next_door": _inside(places, next_community, "grid").last() or next_community,
    }


def _inside(places, root: Place | None, kind: str):
    if root is None:
        raise PartiesRefused(_("演示地点还没有载入完整。"), status=409)
    return places.filter(kind=kind, path__startswith=root.path)
