from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cyber360.exceptions import BadInput, StaleVersion
from peers.access import PEERS, acts, may, require
from peers.acts import Act
from peers.challenges.queries import get_challenge, people_in_seat
from peers.evidence.queries.reading import opened_of

from . import queries, services
from .forms import ConversationForm, KeyLineForm, MarkForm, NoteForm
from .models import Conversation, Note


def _page(request, name, challenge, status=200, **context):
    return render(request, f"onsite/{name}.html", {"challenge": challenge, "tab": "visit", **context}, status=status)


def _themes(challenge):
    return challenge.themes.order_by("place")


# --- desk review -----------------------------------------------------------------------------------
@acts(Act.ENQUIRY_READ)
def desk(request, ref):
    challenge = get_challenge(request.user, ref, Act.ENQUIRY_READ)
    may_confirm = may(request.user, Act.READING_CONFIRM, challenge)
    context = {
        "lines": queries.key_lines_for(request.user, challenge),
        "readers": queries.readers_of(challenge),
        "has_read": queries.has_read(challenge, request.user),
        "may_confirm": may_confirm,
        "opened": opened_of(request.user, challenge) if may_confirm else None,
        "may_edit": may(request.user, Act.ENQUIRY_EDIT, challenge),
    }
    return _page(request, "desk", challenge, **context)


@acts(Act.READING_CONFIRM)
@require_POST
def read(request, ref):
    """“I have read this”; with `back` in the form it is taken back."""
    challenge = get_challenge(request.user, ref, Act.READING_CONFIRM)
    if "back" in request.POST:
        services.take_back_reading(challenge=challenge, by=request.user)
        messages.success(request, _("Taken back. The team sees that you have not finished reading."))
        return redirect("onsite:desk", ref)
    services.confirm_reading(challenge=challenge, by=request.user)
    messages.success(request, _("Thank you. The team sees that you have read the pack."))
    return redirect("onsite:desk", ref)


@acts(Act.ENQUIRY_EDIT)
def line_add(request, ref):
    challenge = get_challenge(request.user, ref, Act.ENQUIRY_EDIT)
    form = KeyLineForm(request.POST or None, themes=_themes(challenge), is_new=True)
    if request.method == "POST" and form.is_valid():
        services.raise_key_line(challenge=challenge, by=request.user, **form.cleaned_data)
        messages.success(request, _("The line of enquiry is added."))
        return redirect("onsite:desk", ref)
    return _page(request, "line", challenge, form=form)


@acts(Act.ENQUIRY_EDIT)
def line_edit(request, ref, pk):
    challenge = get_challenge(request.user, ref, Act.ENQUIRY_EDIT)
    line = get_object_or_404(challenge.key_lines, pk=pk)
    initial = {name: getattr(line, name) for name in ("version", "theme", "text", "ask", "state")}
    form = KeyLineForm(request.POST or None, initial=initial, themes=_themes(challenge), is_new=False)
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_key_line(line=line, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = _say_stale(form, stale)
        else:
            messages.success(request, _("The line of enquiry is saved."))
            return redirect("onsite:desk", ref)
    return _page(request, "line", challenge, form=form, line=line, current=current, status=409 if current else 200)


def _say_stale(form, stale):
    """Keep what was typed, show what stands, and let the next save go through on purpose."""
    form.add_error(None, stale.message)
    form.data = form.data.copy()
    form.data["version"] = stale.current.version if stale.current else 0
    return stale.current


# --- timetable ---------------------------------------------------------------------------------------
@acts(Act.TIMETABLE_READ)
def timetable(request, ref):
    challenge = get_challenge(request.user, ref, Act.TIMETABLE_READ)
    slots = list(queries.conversations_for(request.user, challenge))
    may_edit = may(request.user, Act.TIMETABLE_EDIT, challenge)
    may_confirm = may(request.user, Act.TIMETABLE_CONFIRM, challenge)
    context = {
        "days": queries.days_of(slots),
        "clashes": queries.clashes_of(slots),
        "warnings": queries.rule_warnings(challenge, slots) if may_edit or may_confirm else [],
        "confirmed": queries.is_confirmed(challenge),
        "may_edit": may_edit,
        "may_confirm": may_confirm,
        "may_mark": may(request.user, Act.CONVERSATION_MARK, challenge),
        "may_enquire": may(request.user, Act.ENQUIRY_READ, challenge),
        "may_note": may(request.user, Act.NOTE_READ, challenge),
    }
    return _page(request, "timetable", challenge, **context)


def _slot(request, challenge, pk) -> Conversation:
    return get_object_or_404(queries.conversations_for(request.user, challenge), pk=pk)


def _slot_form(request, challenge, slot=None):
    initial = {"day": challenge.visit_first_day, "minutes": 45, "kind": Conversation.Kind.CONVERSATION}
    if slot is not None:
        local = timezone.localtime(slot.starts_at)
        initial = {
            name: getattr(slot, name) for name in ("version", "title", "kind", "minutes", "place", "video_link")
        } | {
            "day": local.date(),
            "time": local.strftime("%H:%M"),
            "themes": slot.themes.all(),
            "attendees": "\n".join(_attendee_line(row) for row in slot.attendees.all()),
            "asks": [row.user_id for row in slot.peers.all() if row.part == "asks"],
            "notes": [row.user_id for row in slot.peers.all() if row.part == "notes"],
        }
    team = people_in_seat(challenge, PEERS)
    return ConversationForm(request.POST or None, initial=initial, team=team, themes=_themes(challenge))


def _attendee_line(row) -> str:
    rest = ", ".join(part for part in (row.name, row.job_title) if part)
    return f"{row.role}: {rest}" if rest else row.role


@acts(Act.TIMETABLE_EDIT)
def slot_add(request, ref):
    challenge = get_challenge(request.user, ref, Act.TIMETABLE_EDIT)
    form = _slot_form(request, challenge)
    if request.method == "POST" and form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        slot = services.add_conversation(challenge=challenge, by=request.user, **fields)
        messages.success(request, _("“%(title)s” is in the timetable.") % {"title": slot.title})
        return redirect("onsite:timetable", ref)
    return _page(request, "slot_edit", challenge, form=form)


@acts(Act.TIMETABLE_EDIT)
def slot_edit(request, ref, pk):
    challenge = get_challenge(request.user, ref, Act.TIMETABLE_EDIT)
    slot = _slot(request, challenge, pk)
    form = _slot_form(request, challenge, slot)
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_conversation(conversation=slot, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = _say_stale(form, stale)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The slot is saved. The timetable needs confirming again."))
            return redirect("onsite:timetable", ref)
    return _page(request, "slot_edit", challenge, form=form, slot=slot, current=current, status=409 if current else 200)


@acts(Act.TIMETABLE_CONFIRM)
@require_POST
def confirm(request, ref):
    challenge = get_challenge(request.user, ref, Act.TIMETABLE_CONFIRM)
    try:
        services.confirm_timetable(challenge=challenge, by=request.user)
    except BadInput as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("The timetable is confirmed."))
    return redirect("onsite:timetable", ref)


@acts(Act.TIMETABLE_READ)
def slot(request, ref, pk):
    """One conversation: who, where, lines of enquiry, and for a peer their own note in place."""
    challenge = get_challenge(request.user, ref, Act.TIMETABLE_READ)
    found = _slot(request, challenge, pk)
    may_write = may(request.user, Act.NOTE_WRITE, challenge)
    notes = queries.notes_visible_to(request.user, challenge).filter(conversation=found)
    context = {
        "slot": found,
        "may_edit": may(request.user, Act.TIMETABLE_EDIT, challenge) and found.state != Conversation.State.HELD,
        "may_mark": may(request.user, Act.CONVERSATION_MARK, challenge),
        "lines": queries.key_lines_for(request.user, challenge).filter(theme__in=found.themes.all()),
        "notes": notes.exclude(owner=request.user),
        "form": _note_form(request, challenge, notes.filter(owner=request.user).first()) if may_write else None,
        "autosave_key": f"note-{challenge.pk}-{found.pk}",
    }
    return _page(request, "slot", challenge, **context)


@acts(Act.CONVERSATION_MARK)
def mark(request, ref, pk):
    challenge = get_challenge(request.user, ref, Act.CONVERSATION_MARK)
    found = _slot(request, challenge, pk)
    form = MarkForm(request.POST or None, initial={"state": "held"})
    if request.method == "POST" and form.is_valid():
        services.mark_conversation(conversation=found, by=request.user, **form.cleaned_data)
        messages.success(request, _("“%(title)s” is marked.") % {"title": found.title})
        return redirect("onsite:timetable", ref)
    return _page(request, "mark", challenge, form=form, slot=found)


# --- notes -----------------------------------------------------------------------------------------------
def _note_form(request, challenge, note: Note | None):
    initial = {"version": 0}
    if note is not None:
        initial = {"version": note.version, "text": note.text, "themes": note.themes.all()}
    return NoteForm(request.POST or None, initial=initial, themes=_themes(challenge))


@acts(Act.NOTE_READ)
def notes(request, ref):
    challenge = get_challenge(request.user, ref, Act.NOTE_READ)
    rows = queries.notes_visible_to(request.user, challenge)
    theme = request.GET.get("theme", "")
    shown = rows.filter(themes__code=theme) if theme else rows
    context = {"notes": shown, "theme": theme, "themes": _themes(challenge),
               "may_write": may(request.user, Act.NOTE_WRITE, challenge)}  # fmt: skip
    return _page(request, "notes", challenge, **context)


def _found_note(request, challenge, pk, conversation_pk):
    """The person's own note and its conversation: by note, by conversation, or neither (a new one)."""
    conversation = _slot(request, challenge, conversation_pk) if conversation_pk else None
    mine = queries.notes_visible_to(request.user, challenge).filter(owner=request.user)
    if pk:
        note = get_object_or_404(mine, pk=pk)
        return note, note.conversation
    return (mine.filter(conversation=conversation).first() if conversation else None), conversation


def _save_note(request, challenge, note, conversation, form):
    return services.save_note(
        challenge=challenge, by=request.user, note=note, conversation=conversation, **form.cleaned_data
    )


@acts(Act.NOTE_WRITE)
def note(request, ref, pk=None, conversation_pk=None):
    challenge = get_challenge(request.user, ref, Act.NOTE_WRITE)
    found, conversation = _found_note(request, challenge, pk, conversation_pk)
    form = _note_form(request, challenge, found)
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save_note(request, challenge, found, conversation, form)
        except StaleVersion as stale:
            current = _say_stale(form, stale)
        else:
            messages.success(request, _("Your note is saved."))
            return (
                redirect("onsite:slot", ref, conversation.pk)
                if conversation
                else redirect("onsite:note", ref, saved.pk)
            )
    key = f"note-{challenge.pk}-{conversation.pk}" if conversation else ""
    context = {"form": form, "note": found, "slot": conversation, "current": current, "autosave_key": key}
    return _page(request, "note", challenge, status=409 if current else 200, **context)


@acts(Act.NOTE_WRITE)
@require_POST
def note_autosave(request, ref, pk=None, conversation_pk=None):
    """JSON with the new version, or 409 with the text that stands."""
    challenge = get_challenge(request.user, ref, Act.NOTE_WRITE)
    found, conversation = _found_note(request, challenge, pk, conversation_pk)
    form = _note_form(request, challenge, found)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    try:
        saved = _save_note(request, challenge, found, conversation, form)
    except StaleVersion as stale:
        return render(request, "onsite/_clash.html", {"current": stale.current}, status=409)
    return JsonResponse({"version": saved.version, "saved": timezone.localtime().strftime("%H:%M")})


@acts(Act.TIMETABLE_READ)
def my_day(request, ref):
    """A peer's own slots of one day, on a phone: today's while the visit runs, else the first day's."""
    challenge = get_challenge(request.user, ref, Act.TIMETABLE_READ)
    require(request.user, Act.CHALLENGE_READ, challenge)
    mine = [
        row
        for row in queries.conversations_for(request.user, challenge)
        if any(peer.user_id == request.user.pk for peer in row.peers.all()) or row.kind != "conversation"
    ]
    days = queries.days_of(mine)
    today = timezone.localdate()
    shown = next((day for day in days if day.date >= today), days[0] if days else None)
    wanted = request.GET.get("day")
    shown = next((day for day in days if str(day.date) == wanted), shown)
    return _page(request, "my_day", challenge, day=shown, days=days)
