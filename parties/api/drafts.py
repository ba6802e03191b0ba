"""Drafts of the tree of units over HTTP: as those of the places (grid.api.drafts), under their own address."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view

from grid.api import drafts
from parties.api.shapes import NewUnitStep
from parties.models import UnitDraft


def _named(**operations: str):  # type: ignore[no-untyped-def]
    """The same operations, each under a name of its own."""
    return extend_schema_view(
        **{method: extend_schema(operation_id=name) for method, name in operations.items()}
    )


@_named(get="unit_drafts", post="open_unit_draft")
class UnitDraftsView(drafts.DraftsView):
    """One's drafts of units and the publications of one's area, newest first (`left`: those whose author has left, to
    be taken over); open one."""

    model = UnitDraft


@_named(get="unit_draft", patch="amend_unit_draft")
class UnitDraftView(drafts.DraftView):
    model = UnitDraft


@extend_schema_view(post=extend_schema(operation_id="add_unit_step", request=NewUnitStep))
class UnitStepsView(drafts.StepsView):
    """Append a step: open, rename, aliases, move, merge, serve, leave, retire, restore."""

    model = UnitDraft


@extend_schema_view(
    put=extend_schema(operation_id="edit_unit_step", request=NewUnitStep),
    delete=extend_schema(operation_id="drop_unit_step"),
)
class UnitStepView(drafts.StepView):
    model = UnitDraft


@_named(get="check_unit_draft")
class UnitCheckView(drafts.CheckView):
    model = UnitDraft


@_named(post="move_unit_draft")
class UnitDraftMoveView(drafts.DraftMoveView):
    model = UnitDraft
