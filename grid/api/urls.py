"""Paths below /api/v1/; included by the one place that mounts the interface."""

from django.urls import path

from grid.api import boundaries, drafts, moves, past, views

urlpatterns = [
    path("places/", views.PlacesView.as_view(), name="places"),
    path("places/difference/", past.DifferenceView.as_view(), name="places_difference"),
    path("places/<str:code>/", views.PlaceView.as_view(), name="place"),
    path("places/<str:code>/moves/<str:move>/", moves.PlaceMoveView.as_view(), name="place_move"),
    path("places/<str:code>/boundary/", boundaries.BoundaryView.as_view(), name="place_boundary"),
    path("places/<str:code>/history/", past.HistoryView.as_view(), name="place_history"),
    path("drafts/", drafts.DraftsView.as_view(), name="drafts"),
    path("drafts/<int:pk>/", drafts.DraftView.as_view(), name="draft"),
    path("drafts/<int:pk>/steps/", drafts.StepsView.as_view(), name="draft_steps"),
    path("drafts/<int:pk>/steps/<int:n>/", drafts.StepView.as_view(), name="draft_step"),
    path("drafts/<int:pk>/check/", drafts.CheckView.as_view(), name="draft_check"),
    path("drafts/<int:pk>/moves/<str:move>/", drafts.DraftMoveView.as_view(), name="draft_move"),
]
