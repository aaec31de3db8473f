from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "gridhall.doors.office"
    label = "office"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.doors.office import handlers

        handlers.subscribe()
