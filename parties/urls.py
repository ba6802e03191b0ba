"""The parties' pages."""

from django.urls import path

from parties.web import boundaries, ground, people, sheets, units, views

app_name = "parties"

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
    path("preferences/", views.set_preferences, name="preferences"),
    # sheets, boundaries and stickers of places
    path("places/sheets/", sheets.sheets, name="sheets"),
    path("places/sheets/export/", sheets.export, name="export"),
    path("places/sheets/<uuid:pk>/", sheets.sheet, name="sheet"),
    path("places/boundaries/", boundaries.overview, name="boundaries"),
    path("places/boundaries/export/", boundaries.export, name="boundaries_export"),
    path("places/<str:code>/boundary/", boundaries.boundary, name="boundary"),
    path("places/<str:code>/stickers.pdf", sheets.stickers, name="stickers"),
    # the organisations
    path("organisations/", units.units, name="units"),
    path("organisations/rows/", units.rows, name="unit_rows"),
    path("organisations/find/", units.find, name="unit_find"),
    path("organisations/draft/", units.draft, name="unit_draft"),
    path("organisations/published/", units.published, name="unit_published"),
    path("organisations/published/<int:pk>/", units.publication, name="unit_publication"),
    path("organisations/<str:code>/", units.units, name="unit"),
    # people and postings
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="person_new"),
    path("people/<str:username>/", people.person, name="person"),
    path("people/<str:username>/<slug:act>/", people.account_act, name="account_act"),
    path("postings/<int:pk>/<slug:act>/", people.posting_act, name="posting_act"),
    # people on the ground
    path("ground/", ground.show, name="ground"),
    path("ground/<str:code>/post/", ground.post, name="ground_post"),
]
