from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "gridhall.doors.look"
    label = "look"
