"""The web application for Granian or any WSGI server. Starts the embedded database where that is used."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridhall.project.settings")

from gridhall.kernel import database

database.ensure_running()
application = get_wsgi_application()
