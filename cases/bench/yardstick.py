"""What the product is measured against: an empty view, and a one-row insert by DRF with the same middleware,
authentication and postings."""

from __future__ import annotations

from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.generics import CreateAPIView

from parties.models import Account


class Row(models.Model):
    """One row with a foreign key, a text and a time; its table lives only in the bench's database."""

    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_row"

    def __str__(self) -> str:
        return str(self.pk)


class RowSerializer(serializers.ModelSerializer):
    class Meta:
        model = Row
        fields = ("id", "text", "at")


class Insert(CreateAPIView):
    serializer_class = RowSerializer
    queryset = Row.objects.all()

    def perform_create(self, serializer: serializers.BaseSerializer) -> None:
        serializer.save(account=self.request.user)


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"")


def make_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Row)


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/insert/", Insert.as_view()),
    path("", include("config.urls")),
]
