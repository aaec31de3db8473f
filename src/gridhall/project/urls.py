"""Which door stands at which address."""

from django.urls import URLPattern, URLResolver, include, path

from gridhall.doors.api.main import api
from gridhall.doors.api.partner import partner_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("api/partner/v1/", partner_api.urls),
    path("office/", include("gridhall.doors.office.urls")),
    path("look/", include("gridhall.doors.look.urls")),
    path("", include("gridhall.doors.portal.urls")),
]

handler400 = "gridhall.doors.look.views.bad_request"
