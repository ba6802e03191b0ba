"""Paths below /api/v1/; included by the one place that mounts the interface."""

from django.urls import path

from grid.api import views

urlpatterns = [
    path("places/", views.PlacesView.as_view(), name="places"),
    path("places/<str:code>/", views.PlaceView.as_view(), name="place"),
    path("places/<str:code>/moves/<str:move>/", views.PlaceMoveView.as_view(), name="place_move"),
]
