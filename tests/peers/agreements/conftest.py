import pytest

from peers.agreements import services
from peers.agreements.models import Agreement
from peers.stages import Stage


@pytest.fixture
def setup(cast):
    return _Setup(cast)


class _Setup:
    """The cast in set-up; `issue()`, `of(kind)`, `sign(kind)`."""

    def __init__(self, cast):
        self.cast = cast
        cast.at(Stage.SETUP)

    def issue(self):
        services.issue_agreements(challenge=self.cast.challenge, by=self.cast.coordinator)
        return self

    def of(self, kind) -> Agreement:
        rows = self.cast.challenge.agreements.exclude(state="superseded").select_related("challenge__council")
        return rows.get(kind=kind)

    def sign(self, kind, by=None, **changes) -> Agreement:
        row = self.of(kind)
        words = {"name": "Sam Sponsor", "job_title": "Chief executive", "body_sha256": row.body_sha256}
        return services.sign_agreement(agreement=row, by=by or self.cast.host_sponsor, **(words | changes))
