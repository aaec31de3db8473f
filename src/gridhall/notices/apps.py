from django.apps import AppConfig
from django.db.models.signals import post_migrate


class NoticesConfig(AppConfig):
    name = "gridhall.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.notices import first_rows, making

        post_migrate.connect(first_rows.ensure, sender=self, dispatch_uid="notices.first_rows")
        making.subscribe()
