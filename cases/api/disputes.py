"""What a desk reads before it rules; the ruling itself is a move, a statement a fact."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import dispute_shapes as shapes
from cases.api.answers import refusals
from cases.api.requests import actor
from cases.queries import detail
from cases.queries import dispute_page as queries
from ledger import clock


class DisputeView(APIView):
    """The parties with grounds, statements and minutes, the duty rows, past rulings."""

    @extend_schema(operation_id="dispute", responses={200: shapes.Dispute, **refusals(404)})
    def get(self, request: Request, number: str) -> Response:
        by = actor(request)
        found = queries.page(by, detail.open_case(by, number), clock.now())
        return Response(shapes.Dispute(found).data)
