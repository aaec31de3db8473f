"""Addresses of the look: the components page, the language and how pages are displayed."""

from django.urls import path

from gridhall.doors.look import views

app_name = "look"
urlpatterns = [
    path("", views.components, name="components"),
    path("language", views.language, name="language"),
    path("display", views.display, name="display"),
]
