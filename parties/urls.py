"""The parties' pages."""

from django.urls import path

from parties.web import views

app_name = "parties"

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
    path("preferences/", views.set_preferences, name="preferences"),
]
