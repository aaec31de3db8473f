"""The web application for Granian or any WSGI server. Starts the embedded database where that is used."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")

from gridhall.kernel import database  # noqa: E402  the settings module must be named first

database.ensure_running()
application = get_wsgi_application()
