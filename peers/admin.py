"""The Django admin, for reference data only: never answers, evidence, notes, scores, findings or drafts."""

from django.contrib import admin

from .challenges.models import DeadlineLine, DeadlineProfile, Programme
from .councils.models import Council, CouncilNeighbour, CouncilSuccession
from .frameworks.models import CafOutcome


class DeadlineLines(admin.TabularInline):
    model = DeadlineLine
    extra = 0


@admin.register(DeadlineProfile)
class DeadlineProfileAdmin(admin.ModelAdmin):
    inlines = [DeadlineLines]
    list_display = ["title", "is_default"]


@admin.register(Council)
class CouncilAdmin(admin.ModelAdmin):
    list_display = ["name", "gss_code", "kind", "region", "starts_on", "ends_on", "invented"]
    list_filter = ["kind", "region", "invented"]
    search_fields = ["name", "gss_code"]


@admin.register(CouncilNeighbour)
class CouncilNeighbourAdmin(admin.ModelAdmin):
    list_display = ["first", "second", "relation", "km"]
    list_select_related = ["first", "second"]


@admin.register(CafOutcome)
class CafOutcomeAdmin(admin.ModelAdmin):
    list_display = ["version", "code", "title"]
    list_filter = ["version"]


admin.site.register([Programme, CouncilSuccession])
admin.site.site_header = "Cyber 360 reference data"
