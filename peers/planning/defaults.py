"""The team shape that a new programme begins with. Editable data from then on."""

from peers.challenges.models import Programme

from .models import TeamShape


def load_shape_defaults(programme: Programme) -> TeamShape:
    """Idempotent: makes what is missing, changes nothing that is there."""
    known = TeamShape.objects.filter(programme=programme, is_default=True).first()
    if known is not None:
        return known
    values = {"is_default": True, "size": 4, "leads": 1, "members": 1, "specialists": 1, "per_council": 1}
    shape, made = TeamShape.objects.get_or_create(programme=programme, title="Cyber 360 team", defaults=values)
    if not made:
        shape.is_default = True
        shape.save(update_fields=["is_default"])
    return shape
