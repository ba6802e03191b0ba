"""Suggest duty rows from past dispatches, as a sheet that can be imported once somebody read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from cases.management import pasts
from cases.routing import duty_sheets
from cases.routing.learning import Experience, Suggestion


class Command(BaseCommand):
    help = (
        "Suggest duty rows from a file of past dispatches, each with its support, its confidence and who else got such "
        "matters. Writes a sheet (.csv or .xlsx) whose rows are marked 建议; applies nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        pasts.add_arguments(parser)
        parser.add_argument(
            "--out", type=Path, help="write the sheet here (.csv or .xlsx) instead of printing it"
        )
        parser.add_argument("--place", default="", help="code of the district, for rows that hold everywhere")

    def handle(self, *args: Any, **options: Any) -> None:
        found = pasts.read(options)
        pasts.tell(self, found)
        street_of = {one.community: one.street for one in found.sent if one.community}
        suggestions = Experience.of(found.sent).suggestions(
            support=options["support"], confidence=options["confidence"]
        )
        basis = _("%(file)s 中 %(n)s 次派遣") % {"file": options["file"].name, "n": len(found.sent)}
        lines = [_line(one, options["place"], street_of, basis) for one in suggestions]
        self.stderr.write(_("建议 %(n)s 行，都没有生效。") % {"n": len(lines)})
        if options["out"] is None:
            for piece in duty_sheets.csv_pieces(lines):
                self.stdout.write(piece.decode("utf-8-sig"), ending="")
            return
        try:
            duty_sheets.save(options["out"], lines)
        except OSError as problem:
            raise CommandError(_("文件写不了：%(why)s") % {"why": problem.strerror or problem}) from None


def _line(one: Suggestion, district: str, street_of: dict[str, str], basis: str) -> dict[str, str]:
    place = one.cell.place
    street = street_of.get(place, "")
    return {
        "item" if one.cell.is_matter else "category": one.cell.what,
        "place": f"{street}/{place}" if street and street != place else place or district,
        "organisation": one.unit,
        "part": "lead",
        "basis": basis,
        **duty_sheets.evidence(one),
    }
