"""Addresses of the look: the components page, the language and how pages are displayed."""

from django.urls import path

from gridhall.doors.look import specimen, views

app_name = "look"
urlpatterns = [
    path("", specimen.components, name="components"),
    path("language", views.language, name="language"),
    path("hint", views.hint, name="hint"),
    path("display", views.display, name="display"),
]
