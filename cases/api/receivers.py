"""To whom a case may be sent, before it is sent: the list that the form offers, with who has nobody to sign."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import rulebook
from cases.api.answers import refusals
from cases.api.requests import actor
from cases.api.views import find
from cases.queries import choices
from ledger import clock


class Receiver(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    group = s.CharField(help_text="表单里所在的一组")
    vacant = s.BooleanField(help_text="现在没有人任职，派去没有人能签收")
    warning = s.CharField(help_text="vacant 时要说的话，和可以改派给谁；否则为空")


class Receivers(s.Serializer):
    results = Receiver(many=True)


class ReceiversView(APIView):
    """The units to which the asker may dispatch this case or give it by a ruling; none for who may do neither."""

    @extend_schema(operation_id="receivers", responses={200: Receivers, **refusals(404)})
    def get(self, request: Request, number: str) -> Response:
        case = find(request, number)
        found = choices.receivers(actor(request), case, rulebook.item_by_id(case.item_id), clock.now())
        return Response({"results": Receiver(found, many=True).data})
