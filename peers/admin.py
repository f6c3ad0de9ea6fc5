"""The Django admin, for reference data only: never answers, evidence, notes, scores, findings or drafts.

A site of its own: the default one also carries what other packages register (queued functions to run, second factors).
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from .challenges.models import DeadlineLine, DeadlineProfile, Programme
from .councils.models import Council, CouncilNeighbour, CouncilSuccession
from .frameworks.models import CafOutcome


class ReferenceData(admin.AdminSite):
    site_header = "Cyber 360 reference data"


reference_data = ReferenceData(name="reference_data")
# It has no sign-in of its own: that one would ask for no second factor and count no attempts.
reference_data.login = secure_admin_login(reference_data.login)  # type: ignore[method-assign]  # as allauth documents


class DeadlineLines(admin.TabularInline):
    model = DeadlineLine
    extra = 0


@admin.register(DeadlineProfile, site=reference_data)
class DeadlineProfileAdmin(admin.ModelAdmin):
    inlines = [DeadlineLines]
    list_display = ["title", "is_default"]


@admin.register(Council, site=reference_data)
class CouncilAdmin(admin.ModelAdmin):
    list_display = ["name", "gss_code", "kind", "region", "starts_on", "ends_on", "invented"]
    list_filter = ["kind", "region", "invented"]
    search_fields = ["name", "gss_code"]


@admin.register(CouncilNeighbour, site=reference_data)
class CouncilNeighbourAdmin(admin.ModelAdmin):
    list_display = ["first", "second", "relation", "km"]
    list_select_related = ["first", "second"]


@admin.register(CafOutcome, site=reference_data)
class CafOutcomeAdmin(admin.ModelAdmin):
    list_display = ["version", "code", "title"]
    list_filter = ["version"]


reference_data.register([Programme, CouncilSuccession])
