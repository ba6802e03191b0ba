"""Paths below /api/v1/; included by the one place that mounts the interface."""

from django.urls import path

from parties.api import units, views

urlpatterns = [
    path("me/", views.MeView.as_view(), name="me"),
    path("organisations/", views.OrganisationsView.as_view(), name="organisations"),
    path("organisations/<str:code>/", units.OrganisationView.as_view(), name="organisation"),
    path(
        "organisations/<str:code>/<slug:change>/",
        units.OrganisationChangeView.as_view(),
        name="organisation_change",
    ),
]
