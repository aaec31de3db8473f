from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "gridhall.doors.portal"
    label = "portal"
