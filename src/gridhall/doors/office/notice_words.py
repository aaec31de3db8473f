"""States of a sending, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridhall.notices import public as notices

STATES: dict[int, Promise] = {
    notices.WAITING: _("waits"),
    notices.SENDING: _("being sent"),
    notices.SENT: _("sent"),
    notices.REFUSED: _("refused"),
    notices.GIVEN_UP: _("given up"),
    notices.BOUNCED: _("came back"),
}
