"""Pages that exist only here: one for each failure, one with every widget, one with every tag."""

import datetime
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow, StaleVersion, TooBig
from cyber360.ui import views
from cyber360.ui.charts import Bar, Drawing, LevelPair, Part, dumbbell, radar, score_strip, status_bar, timeline
from cyber360.ui.widgets import Checkboxes, DateField, FilesField, Radios

handler400 = "cyber360.ui.views.bad_request"
handler403 = "cyber360.ui.views.permission_denied"
handler404 = "cyber360.ui.views.page_not_found"
handler500 = "cyber360.ui.views.server_error"

SAMPLE = (Path(__file__).parent / "sample.html").read_text(encoding="utf-8")
LEVELS = [(0, "Not begun"), (1, "Beginning"), (2, "Working"), (3, "Leading")]


def sample_drawings() -> list[Drawing]:
    """One of each kind, with the awkward cases: long labels, missing levels, equal scores, a single day."""
    pairs = [
        LevelPair("Leadership and governance", 3, 2),
        LevelPair("People, skills and the way mistakes are talked about across services", 2, 2.5),
        LevelPair("Suppliers", 1, 1),
        LevelPair("Recovery", None, 3),
    ]
    names = ["Not begun", "Beginning", "Working", "Established", "Leading"]
    themes = [pair.label for pair in pairs]
    day = datetime.date
    bars = [
        Bar("Self-assessment", day(2027, 1, 4), day(2027, 2, 26), "done"),
        Bar("Desk review by the team", day(2027, 3, 1), day(2027, 3, 19)),
        Bar("Reveal of scores", day(2027, 3, 22), day(2027, 3, 22)),
        Bar("Visit", day(2027, 4, 12), day(2027, 4, 15), "waiting"),
    ]
    parts = [Part("done", 7, "done"), Part("under way", 4, "doing"), Part("late", 2, "waiting"), Part("not begun", 1)]
    return [
        dumbbell(pairs, levels=names, uid="a"),
        score_strip("Question 3", host=3, peers=[1, 2, 2, None, 3], agreed=2, uid="b"),
        status_bar(parts, what="actions", uid="c"),
        timeline(bars, today=day(2027, 3, 10), uid="d"),
        radar(themes, [("Agreed", [2, 2.5, 1, 3]), ("The council's own", [3, 2, 1, None])], uid="e"),
    ]


class EveryForm(forms.Form):
    name = forms.CharField(label="Name of the council", help_text="As on its website", max_length=80)
    email = forms.EmailField(label="E-mail address")
    days = forms.IntegerField(label="Days you can give", min_value=0, required=False)
    why = forms.CharField(
        label="Why this level?",
        widget=forms.Textarea(attrs={"data-maxwords": "150"}),
        help_text="Two or three sentences",
    )
    level = forms.ChoiceField(
        label="Level", choices=LEVELS, widget=Radios(hints={1: "Some people know what to do"}), help_text="Choose one"
    )
    topics = forms.MultipleChoiceField(
        label="Topics",
        choices=[("gov", "Governance"), ("people", "People")],
        widget=Checkboxes(small=True),
        required=False,
    )
    region = forms.ChoiceField(label="Region", choices=[("", "Choose"), ("w", "Wales"), ("e", "England")])
    starts = DateField(label="First day on site", help_text="For example, 27 3 2027")
    files = FilesField(label="Evidence", required=False)
    agree = forms.BooleanField(label="I have read the terms", help_text="Four pages")
    version = forms.IntegerField(widget=forms.HiddenInput, initial=3)

    def clean(self):
        if self.cleaned_data.get("name") == "nowhere":
            raise forms.ValidationError("No council is called nowhere")
        return self.cleaned_data


class FilterForm(forms.Form):
    mark_optional = False
    q = forms.CharField(label="Name", required=False)
    stage = forms.ChoiceField(label="Stage", choices=[("", "All stages"), ("a", "Preparation")], required=False)


def sample(request: HttpRequest) -> HttpResponse:
    form = EveryForm(request.POST or None, request.FILES or None)
    if request.GET.get("message"):
        messages.success(request, "The answer is saved. Next: question 4.")
    labels = ["My tasks", "Challenges", "Pool"]
    navigation = [{"label": label, "url": "#", "current": label == "Challenges"} for label in labels]
    context = {
        "form": form,
        "filters": FilterForm(request.GET or None),
        "navigation": navigation,
        "capacity": {"seat_label": "Lead peer", "place": "C360-2027-014 Northmoor", "switch_url": "#"},
        "page": Paginator(list(range(95)), 10).get_page(request.GET.get("page")),
        "now": timezone.now(),
        "charts": sample_drawings(),
        "rows": [("Council", "Northmoor"), {"key": "Stage", "value": "On site", "url": "#"}],
    }
    return HttpResponse(engines["django"].from_string(SAMPLE).render(context, request))


def failing(error):
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


def stale(request: HttpRequest) -> HttpResponse:
    raise StaleVersion("A colleague saved this at 10:42.", User(full_name="Saved <name>", email="a@example.org"))


def autosave(request: HttpRequest) -> HttpResponse:
    """Answers as a room's view would: the next version, or what the text itself asks for."""
    if IS_DOWN:
        return HttpResponse(status=503)
    if "refuse" in request.POST["why"]:
        raise BadInput("Too long.")
    if "clash" in request.POST["why"]:
        return views.expected_failure(request, StaleVersion("A colleague saved this.", User(full_name="Saved text")))
    SAVED.append(request.POST["why"])
    return JsonResponse({"version": int(request.POST["version"]) + 1, "saved": "10:42"})


SAVED: list[str] = []
IS_DOWN = False
urlpatterns = [
    path("autosave/", autosave),
    path("sample/", sample),
    path("no-seat/", failing(NoSeat("secret"))),
    path("missing/", failing(Http404("secret"))),
    path("not-now/", failing(NotNow("Scores are closed since Tuesday 3 March 2027."))),
    path("blocked/", failing(Blocked(["Two files wait for the virus check.", "Ann has not accepted the terms."]))),
    path("bad/", failing(BadInput("The date lies before the visit."))),
    path("stale/", stale),
    path("big/", failing(TooBig("A file may have 25 MB."))),
    path("broken/", failing(RuntimeError("inner detail"))),
    path("offline/", views.offline),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("accounts/", include("allauth.urls")),
]
