from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow, StaleVersion
from peers.access import CONTRIBUTOR, HOST, HOST_LEAD, acts, may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge, people_in_seat

from . import queries, services
from .forms import AnswerForm, CommentForm, HandOverForm, PositionForm, SignOffForm, chosen
from .models import Answer, Assignment, PositionStatement
from .words import done_words, handed_words, saved_words


def _layout(user, challenge: Challenge) -> str:
    """The challenge's frame, or a plain page for those who see nothing of it but their questions."""
    return "challenges/workspace.html" if may(user, Act.CHALLENGE_READ, challenge) else "answers/plain.html"


# --- overview ----------------------------------------------------------------------------------------
@acts(Act.ANSWER_READ)
@require_safe
def overview(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.ANSWER_READ)
    may_hand_over = may(request.user, Act.QUESTION_HAND_OVER, challenge)
    show = request.GET.get("show", "all")
    filters = _filters(may_hand_over, with_left=show == "left")
    show = show if show in dict(filters) else "all"
    themes = queries.overview(request.user, challenge, show)
    context = {
        "challenge": challenge,
        "tab": "questions",
        "themes": themes,
        "any_shown": any(theme.answers for theme in themes),
        "answered": sum(theme.answered for theme in themes),
        "total": sum(theme.total for theme in themes),
        "show": show,
        "filters": filters,
        "position": queries.get_position(challenge),
        "signed": queries.standing_sign_off(challenge),
        "may_hand_over": may_hand_over,
        "may_write": may(request.user, Act.POSITION_EDIT, challenge),
        "may_sign": may(request.user, Act.SELF_ASSESSMENT_SIGN, challenge),
        "today": timezone.localdate(),
    }
    return render(request, "answers/overview.html", context)


def _filters(with_people: bool, *, with_left: bool) -> list[tuple[str, str]]:
    """`with_left`: the questions of people without a seat, to which a task leads."""
    plain = [("all", _("All")), ("unanswered", _("Unanswered"))]
    left = [("left", _("With people who have left"))] if with_left else []
    return [*plain, ("handed", _("Handed over")), ("mine", _("Mine")), *left] if with_people else plain


# --- one question --------------------------------------------------------------------------------------
@acts(Act.ANSWER_READ, Act.ANSWER_EDIT)
def question(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    answer = queries.get_answer(request.user, ref, code, Act.ANSWER_READ)
    if request.method != "POST":
        return render(request, "answers/question.html", _question_context(request, answer))
    form = AnswerForm(request.POST, answer=answer, material=queries.material_for(answer.question))
    if request.POST.get("merge") and may(request.user, Act.ANSWER_EDIT, answer):
        return _answer_conflict(request, form, answer)
    if not form.is_valid():
        return render(request, "answers/question.html", _question_context(request, answer, form), status=422)
    try:
        saved = services.save_answer(answer=answer, by=request.user, **form.cleaned_data)
    except StaleVersion as stale:
        return _answer_conflict(request, form, stale.current)
    except NotNow as closed:
        return _closed(request, closed, form.cleaned_data["text"], 403)
    own = queries.own_assignment(request.user, saved) if request.POST.get("then") == "finish" else None
    if own is not None:
        return _finish(request, form, saved, own)
    messages.success(request, saved_words(saved))
    return redirect(_where_next(request, saved))


def _finish(request: HttpRequest, form: AnswerForm, saved: Answer, own: Assignment) -> HttpResponse:
    """Mark the reader's own part of the saved answer as done; one that lacks something stays open and says what."""
    if saved.voided_sign_off:
        messages.success(request, saved_words(saved))
    if not saved.may_be_finished:
        form.say_unfinished(saved)
        answer = queries.get_answer(request.user, saved.challenge.ref, saved.question.code, Act.ANSWER_READ)
        return render(request, "answers/question.html", _question_context(request, answer, form), status=422)
    row = services.set_done(assignment=own, by=request.user, done=True)
    messages.success(request, done_words(row))
    return redirect("answers:mine")


def _where_next(request: HttpRequest, answer: Answer) -> str:
    if request.POST.get("then") == "next":
        codes = queries.codes_visible_to(request.user, answer.challenge)
        following = _beside(codes, answer.question.code)[1]
        if following:
            answer.question.code = following
    return answer.get_absolute_url()


def _beside(codes: list[str], code: str) -> tuple[str, str, int]:
    """The codes before and after ("" where there is none), and the place, counted from 1."""
    place = codes.index(code) if code in codes else 0
    return (codes[place - 1] if place else "", codes[place + 1] if place + 1 < len(codes) else "", place + 1)


def _question_context(request: HttpRequest, answer: Answer, form: AnswerForm | None = None) -> dict:
    user, challenge = request.user, answer.challenge
    codes = queries.codes_visible_to(user, challenge)
    before, after, place = _beside(codes, answer.question.code)
    may_edit, may_hand_over = may(user, Act.ANSWER_EDIT, answer), may(user, Act.QUESTION_HAND_OVER, answer)
    if may_edit:
        queries.attach_assignments([answer], challenge)
    material = queries.material_for(answer.question)
    level = next((row for row in material.levels if row.level == answer.level), None)
    return {
        **_frame(user, challenge),
        "answer": answer,
        "autosave_key": f"answer-{answer.pk}",
        "material": material,
        "level": level,
        "form": form or (AnswerForm(answer=answer, material=material) if may_edit else None),
        "may_edit": may_edit,
        "may_hand_over": may_hand_over,
        "mine": next((row for row in answer.held_by if row.person_id == user.pk), None) if may_edit else None,
        "comments": list(queries.comments_visible_to(user, answer)) if may_edit else [],
        "comment_form": CommentForm(may_widen=may_hand_over) if may_edit else None,
        "before": before,
        "after": after,
        "place": place,
        "number": len(codes),
        "ask": None if may_hand_over or not may_edit else people_in_seat(challenge, HOST_LEAD).first(),
        "show_caf": may(user, Act.CHALLENGE_READ, challenge),
        "is_team": may(user, Act.ENQUIRY_READ, challenge),
        "evidence_piece": ["evidence/_for_question.html", "answers/_nothing.html"],
        "score_piece": ["scoring/_own_score.html", "answers/_nothing.html"],
        "today": timezone.localdate(),
    }


def _frame(user, challenge: Challenge) -> dict:
    return {"challenge": challenge, "tab": "questions", "layout": _layout(user, challenge)}


def _answer_conflict(request: HttpRequest, form: AnswerForm, current: Answer, piece: bool = False) -> HttpResponse:
    """Both texts side by side. The form holds the reader's own and the version of the other: saving is a choice."""
    mine = form.data.get("text", "")
    text = f"{mine.strip()}\n\n{current.text}".strip() if request.POST.get("merge") else mine
    data = {"version": current.version, "level": form.data.get("level", ""), "text": text}
    material = queries.material_for(current.question)
    context = {
        **_frame(request.user, current.challenge),
        "answer": current,
        "theirs": current.text,
        "theirs_level": _level_words(form, chosen(current)),
        "mine_level": _level_words(form, form.data.get("level", "")),
        "mine": mine,
        "who": _saver(request.user, current),
        "conflict_form": AnswerForm(data, answer=current, material=material),
        "back": current.get_absolute_url(),
    }
    return render(request, "answers/_both_texts.html" if piece else "answers/conflict.html", context, status=409)


def _level_words(form: AnswerForm, value: str) -> str:
    return str(dict(form.fields["level"].choices).get(value, _("No level chosen")))


def _saver(user, row: Answer | PositionStatement) -> str:
    """Who saved the other text: by name for the host, never for a contributor."""
    if row.updated_by_id == user.pk:
        return _("You, in another window")
    if row.updated_by is not None and may(user, Act.QUESTION_HAND_OVER, row):
        return row.updated_by.full_name
    return _("Somebody else at your council")


def _closed(request: HttpRequest, closed: NotNow, text: str, status: int, piece: bool = False) -> HttpResponse:
    context = {"reason": closed.message, "text": text}
    return render(request, "answers/_closed.html" if piece else "answers/closed.html", context, status=status)


@acts(Act.ANSWER_EDIT)
@require_POST
def autosave(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    """For the page's own script: 200 with the new version, 409 with both texts, 403 with the reason."""
    try:
        answer = queries.get_answer(request.user, ref, code, Act.ANSWER_EDIT)
        form = AnswerForm(request.POST, answer=answer, material=queries.material_for(answer.question))
        if not form.is_valid():
            raise BadInput(" ".join(error for errors in form.errors.values() for error in errors))
        saved = services.save_answer(answer=answer, by=request.user, autosave=True, **form.cleaned_data)
    except StaleVersion as stale:
        return _answer_conflict(request, form, stale.current, piece=True)
    except NotNow as closed:
        return _closed(request, closed, request.POST.get("text", ""), 403, piece=True)
    return _saved_json(saved)


def _saved_json(row: Answer | PositionStatement) -> JsonResponse:
    at = timezone.localtime(row.updated_at or timezone.now())
    return JsonResponse({"version": row.version, "saved": at.strftime("%H:%M")})


@acts(Act.ANSWER_EDIT)
def comment(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    answer = queries.get_answer(request.user, ref, code, Act.ANSWER_EDIT)
    if request.method != "POST":
        return redirect(answer)
    form = CommentForm(request.POST, may_widen=may(request.user, Act.QUESTION_HAND_OVER, answer))
    if not form.is_valid():
        context = _question_context(request, answer)
        return render(request, "answers/question.html", {**context, "comment_form": form}, status=422)
    services.add_comment(answer=answer, by=request.user, **form.cleaned_data)
    messages.success(request, _("The remark is added."))
    return redirect(f"{answer.get_absolute_url()}#remarks")


@acts(Act.ANSWER_EDIT)
@require_safe
def history(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    """What the answer said before; names only for those who hand questions over."""
    answer = queries.get_answer(request.user, ref, code, Act.ANSWER_EDIT)
    material = queries.material_for(answer.question)
    context = {
        **_frame(request.user, answer.challenge),
        "answer": answer,
        "versions": queries.earlier_texts(answer, material),
        "show_names": may(request.user, Act.QUESTION_HAND_OVER, answer),
    }
    return render(request, "answers/history.html", context)


# --- my questions ------------------------------------------------------------------------------------------
@acts(Act.TASKS_READ)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What was handed to the reader, in all challenges; empty for everybody else."""
    answers = queries.my_questions(request.user)
    context = {
        "open": [row for row in answers if not row.mine.is_done],
        "done": [row for row in answers if row.mine.is_done],
        "today": timezone.localdate(),
    }
    return render(request, "answers/mine.html", context)


@acts(Act.ANSWER_EDIT)
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    assignment = queries.get_assignment(request.user, pk, Act.ANSWER_EDIT)
    try:
        row = services.set_done(assignment=assignment, by=request.user, done=request.POST.get("done") == "yes")
    except BadInput as wrong:
        messages.error(request, wrong.message)
        return redirect("answers:question", assignment.challenge.ref, assignment.question.code)
    messages.success(request, done_words(row))
    return redirect("answers:mine" if row.person_id == request.user.pk else "answers:overview", *_ref(request, row))


def _ref(request: HttpRequest, row) -> list[str]:
    return [] if row.person_id == request.user.pk else [row.challenge.ref]


# --- hand-over ------------------------------------------------------------------------------------------------
@acts(Act.QUESTION_HAND_OVER)
def hand_over(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.QUESTION_HAND_OVER)
    answers = list(queries.answers_visible_to(request.user, challenge))
    people = [person for person in people_in_seat(challenge, HOST | CONTRIBUTOR) if person.pk != request.user.pk]
    chosen_codes = request.GET.getlist("question")
    form = HandOverForm(request.POST or None, answers=answers, people=people, initial={"questions": chosen_codes})
    if request.method == "POST" and form.is_valid():
        fields = {key: form.cleaned_data[key] for key in ("questions", "email", "full_name", "job_title", "due_on")}
        try:
            rows = services.hand_over(challenge=challenge, by=request.user, **fields)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, handed_words(rows, fields["full_name"]))
            return redirect("answers:overview", ref)
    context = {**_frame(request.user, challenge), "form": form}
    return render(request, "answers/hand_over.html", context, status=422 if form.errors else 200)


@acts(Act.QUESTION_HAND_OVER)
def take_back(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    assignment = queries.get_assignment(request.user, pk, Act.QUESTION_HAND_OVER)
    if assignment.challenge.ref != ref:
        raise NoSeat
    if request.method != "POST":
        context = {**_frame(request.user, assignment.challenge), "assignment": assignment}
        return render(request, "answers/take_back.html", context)
    services.take_back(assignment=assignment, by=request.user)
    messages.success(request, _("The question is back with you. What was written stays in the answer."))
    return redirect("answers:question", ref, assignment.question.code)


# --- position statement ------------------------------------------------------------------------------------------
@acts(Act.ANSWER_READ, Act.POSITION_EDIT)
def position(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.ANSWER_READ)
    row = queries.get_position(challenge)
    may_edit = may(request.user, Act.POSITION_EDIT, challenge)
    context = {**_frame(request.user, challenge), "position": row, "may_edit": may_edit}
    if request.method != "POST":
        return render(
            request, "answers/position.html", {**context, "form": PositionForm(position=row) if may_edit else None}
        )
    form = PositionForm(request.POST, position=row)
    if may_edit and request.POST.get("merge"):
        return _position_conflict(request, form, row)
    if may_edit and not form.is_valid():
        return render(request, "answers/position.html", {**context, "form": form}, status=422)
    try:
        require(request.user, Act.POSITION_EDIT, challenge)
        saved = services.save_position(challenge=challenge, by=request.user, **form.cleaned_data)
    except StaleVersion as stale:
        return _position_conflict(request, form, stale.current)
    except NotNow as closed:
        return _closed(request, closed, form.data.get("text", ""), 403)
    messages.success(request, saved_words(saved))
    return redirect("answers:position", ref)


def _position_conflict(
    request: HttpRequest, form: PositionForm, current: PositionStatement, piece: bool = False
) -> HttpResponse:
    mine = form.data.get("text", "")
    text = f"{mine.strip()}\n\n{current.text}".strip() if request.POST.get("merge") else mine
    context = {
        **_frame(request.user, current.challenge),
        "theirs": current.text,
        "mine": mine,
        "who": _saver(request.user, current),
        "conflict_form": PositionForm({"version": current.version, "text": text}, position=current),
        "back": request.path.removesuffix("autosave/"),
    }
    return render(request, "answers/_both_texts.html" if piece else "answers/conflict.html", context, status=409)


@acts(Act.POSITION_EDIT)
@require_POST
def autosave_position(request: HttpRequest, ref: str) -> HttpResponse:
    try:
        challenge = get_challenge(request.user, ref, Act.POSITION_EDIT)
        form = PositionForm(request.POST, position=queries.get_position(challenge))
        if not form.is_valid():
            raise BadInput(" ".join(error for errors in form.errors.values() for error in errors))
        saved = services.save_position(challenge=challenge, by=request.user, **form.cleaned_data)
    except StaleVersion as stale:
        return _position_conflict(request, form, stale.current, piece=True)
    except NotNow as closed:
        return _closed(request, closed, request.POST.get("text", ""), 403, piece=True)
    return _saved_json(saved)


# --- sign-off ---------------------------------------------------------------------------------------------------
@acts(Act.ANSWER_READ, Act.SELF_ASSESSMENT_SIGN)
def sign_off(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.ANSWER_READ)
    user = request.user
    form = SignOffForm(request.POST or None, initial={"name": user.full_name, "job_title": user.job_title})
    if request.method == "POST":
        require(user, Act.SELF_ASSESSMENT_SIGN, challenge)
        if form.is_valid():
            try:
                services.sign_off(challenge=challenge, by=user, **form.cleaned_data)
            except Blocked as blocked:
                form.add_error(None, blocked.sentences)
            else:
                messages.success(request, _("The self-assessment is signed off. Thank you."))
                return redirect("answers:sign_off", ref)
    context = {
        **_frame(user, challenge),
        "signed": queries.standing_sign_off(challenge),
        "blockers": [*queries.unanswered(challenge), *queries.missing_position(challenge)],
        "declaration": services.declaration(challenge),
        "may_sign": may(user, Act.SELF_ASSESSMENT_SIGN, challenge),
        "form": form,
    }
    return render(request, "answers/sign_off.html", context, status=422 if form.errors else 200)
