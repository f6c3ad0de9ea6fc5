"""The seats a person can hold, and the groups of them that the access table speaks of."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SeatName(TextChoices):
    COORDINATOR = "coordinator", _("Coordinator")
    CHALLENGE_MANAGER = "challenge_manager", _("Challenge manager")
    HOST_LEAD = "host_lead", _("Host lead")
    HOST_SPONSOR = "host_sponsor", _("Host sponsor")
    CONTRIBUTOR = "contributor", _("Contributor")
    LEAD_PEER = "lead_peer", _("Lead peer")
    PEER = "peer", _("Peer")
    OBSERVER = "observer", _("Observer")
    FRAMEWORK_EDITOR = "framework_editor", _("Framework editor")
    ADMINISTRATOR = "administrator", _("Administrator")
    POOL_PEER = "pool_peer", _("Member of the pool")


COORDINATOR, MANAGER = {SeatName.COORDINATOR}, {SeatName.CHALLENGE_MANAGER}
LGA = COORDINATOR | MANAGER
HOST_LEAD, SPONSOR, CONTRIBUTOR = {SeatName.HOST_LEAD}, {SeatName.HOST_SPONSOR}, {SeatName.CONTRIBUTOR}
HOST = HOST_LEAD | SPONSOR
LEAD_PEER = {SeatName.LEAD_PEER}
PEERS = LEAD_PEER | {SeatName.PEER}
TEAM = PEERS | {SeatName.OBSERVER}
EDITOR, ADMINISTRATOR, POOL_PEER = {SeatName.FRAMEWORK_EDITOR}, {SeatName.ADMINISTRATOR}, {SeatName.POOL_PEER}
PROGRAMME_SEATS = COORDINATOR | EDITOR | ADMINISTRATOR | POOL_PEER
CHALLENGE_SEATS = set(SeatName) - PROGRAMME_SEATS
ANYONE = set(SeatName)
