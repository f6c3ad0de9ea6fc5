"""For a coordinator: what is held about one person, and correcting or erasing it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, Blocked, NotNow, StaleVersion
from peers.access import acts
from peers.acts import Act
from peers.records.forms.person import CorrectForm, EraseForm, PeopleForm
from peers.records.queries.person import found_people, get_person, why_not_here
from peers.records.queries.person_held import challenges_of, held_about, what_forbids, why_address_stays
from peers.records.queries.person_rows import part_for, profiles
from peers.records.services.correcting import correct_person
from peers.records.services.erasing import erase_person

ON_A_PAGE = 30


@require_safe
@acts(Act.PERSON_EXPORT)
def people(request: SignedInRequest) -> HttpResponse:
    form = PeopleForm(request.GET or None)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    page = Paginator(found_people(request.user, words), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "is_filtered": bool(words), "today": timezone.localdate()}
    return render(request, "records/people.html", context)


@require_safe
@acts(Act.PERSON_EXPORT)
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_person(request.user, pk, Act.PERSON_EXPORT)
    part = part_for(row, request.user)
    profile = profiles(row, part).first()
    context = {
        "person": row,
        "profile": profile,
        "held": held_about(row, request.user, profile),
        "challenges": challenges_of(row).filter(pk__in=part.challenges.values("pk")),
    }
    return render(request, "records/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.PERSON_CORRECT)
def person_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_person(request.user, pk, Act.PERSON_CORRECT)
    if row.erased_at is not None:
        return redirect("records:person", pk)
    stays = why_address_stays(row)
    form = CorrectForm(request.POST or None, person=row, address_stays=bool(stays))
    status, current = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            changed = correct_person(person=row, by=request.user, **form.values())
        except (BadInput, NotNow) as wrong:
            form.add_error(None, wrong.message)
        except StaleVersion as stale:
            form.add_error(None, stale.message)
            form.data = form.data.copy()
            form.data["version"] = stale.current.version
            status, current = stale.status, stale.current
        else:
            said = _("Corrected. The person is told by mail.") if changed else _("Nothing was changed.")
            messages.success(request, said)
            return redirect("records:person", pk)
    context = {
        "person": row,
        "form": form,
        "stays": stays,
        "current": current,
        "elsewhere": why_not_here(row, request.user),
    }
    return render(request, "records/person_correct.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.PERSON_ERASE)
def person_erase(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_person(request.user, pk, Act.PERSON_ERASE)
    if row.erased_at is not None:
        return redirect("records:person", pk)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            gone = erase_person(person=row, by=request.user, **form.cleaned_data)
        except Blocked:
            pass  # the page gives every reason, with what to do
        except BadInput as wrong:
            form.add_error("typed", wrong.message)
        else:
            messages.success(request, _("Erased. The account is now called %(name)s.") % {"name": gone.full_name})
            return redirect("records:person", pk)
    reasons = what_forbids(row, request.user)
    return render(request, "records/person_erase.html", {"person": row, "form": form, "reasons": reasons})
