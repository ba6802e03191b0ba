"""Paths below /api/v1/; included by the one place that mounts the interface."""

from django.urls import path

from parties.api import drafts, ground, staff, units, views

urlpatterns = [
    path("me/", views.MeView.as_view(), name="me"),
    path("organisations/", views.OrganisationsView.as_view(), name="organisations"),
    path("organisations/<str:code>/", units.OrganisationView.as_view(), name="organisation"),
    path(
        "organisations/<str:code>/<slug:change>/",
        units.OrganisationChangeView.as_view(),
        name="organisation_change",
    ),
    path("unit-drafts/", drafts.UnitDraftsView.as_view(), name="unit_drafts"),
    path("unit-drafts/<int:pk>/", drafts.UnitDraftView.as_view(), name="unit_draft"),
    path("unit-drafts/<int:pk>/steps/", drafts.UnitStepsView.as_view(), name="unit_draft_steps"),
    path("unit-drafts/<int:pk>/steps/<int:n>/", drafts.UnitStepView.as_view(), name="unit_draft_step"),
    path("unit-drafts/<int:pk>/check/", drafts.UnitCheckView.as_view(), name="unit_draft_check"),
    path(
        "unit-drafts/<int:pk>/moves/<str:move>/", drafts.UnitDraftMoveView.as_view(), name="unit_draft_move"
    ),
    path("accounts/", staff.AccountsView.as_view(), name="accounts"),
    path("accounts/<str:username>/", staff.AccountView.as_view(), name="account"),
    path("accounts/<str:username>/<slug:act>/", staff.AccountActView.as_view(), name="account_act"),
    path("postings/", staff.PostingsView.as_view(), name="postings"),
    path("postings/<int:pk>/<slug:act>/", staff.PostingActView.as_view(), name="posting_act"),
    path("ground/", ground.GroundView.as_view(), name="ground"),
    path("ground/gaps/", ground.GapsView.as_view(), name="gaps"),
]
