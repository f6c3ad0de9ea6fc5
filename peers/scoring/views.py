from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cyber360.exceptions import BadInput, NotNow, StaleVersion
from cyber360.ui.charts import score_strip
from peers.access import acts, decide, may
from peers.acts import Act
from peers.answers.queries import answers_visible_to
from peers.challenges.queries import get_challenge, questions_in_scope
from peers.evidence.queries import items_visible_to

from . import queries, services
from .forms import NOT_EXPLORED, AgreeForm, ScoreForm


def _own_page(user, ref):
    """The challenge for the pages of one's own scores: open while one may score, and after submitting."""
    challenge = get_challenge(user, ref, Act.CHALLENGE_READ)
    answer = decide(user, Act.SCORE_OWN, challenge)
    if answer.seat is None and not queries.has_submitted(challenge, user):
        return get_challenge(user, ref, Act.SCORE_OWN), False
    return challenge, answer.seat is not None


@acts(Act.SCORE_OWN)
def own(request, ref):
    challenge, is_open = _own_page(request.user, ref)
    rows = queries.own_rows(request.user, challenge)
    given = sum(1 for row in rows if row.score and row.score.is_given)
    context = {"challenge": challenge, "tab": "scores", "rows": rows, "given": given, "is_open": is_open,
               "may_submit": may(request.user, Act.SCORES_SUBMIT, challenge)}  # fmt: skip
    return render(request, "scoring/own.html", context)


def _question(challenge, code):
    scoped = questions_in_scope(challenge).prefetch_related("levels")
    return get_object_or_404(scoped, code=code)


def _words(challenge):
    return dict(challenge.framework_version.scale.values_list("level", "word"))


def _initial(row):
    """Form values of a stored score or agreed score; version 0 when there is none yet."""
    if row is None:
        return {"version": 0}
    level = NOT_EXPLORED if row.not_explored else "" if row.level is None else str(row.level)
    return {"version": row.version, "level": level}


@acts(Act.SCORE_OWN)
def score(request, ref, code):
    challenge = get_challenge(request.user, ref, Act.SCORE_OWN)
    question = _question(challenge, code)
    row = queries.scores_visible_to(request.user, challenge).filter(owner=request.user, question=question).first()
    form = _score_form(request, challenge, question, row)
    current, status = None, 200
    if request.method == "POST" and form.is_valid():
        try:
            services.save_score(challenge=challenge, question=question, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current, status = stale.current, 409
            form.add_error(None, stale.message)
        except BadInput as wrong:
            form.add_error("level", wrong.message)
        else:
            return _after_save(request, challenge, question)
    context = {"challenge": challenge, "tab": "scores", "question": question, "form": form, "current": current,
               "answer": answers_visible_to(request.user, challenge).filter(question=question).first(),
               "around": _around(challenge, question)}  # fmt: skip
    return render(request, "scoring/score.html", context, status=status)


def _score_form(request, challenge, question, row):
    return ScoreForm(
        request.POST or None,
        initial=_initial(row) | _score_extras(row),
        descriptors=question.levels.all(),
        words=_words(challenge),
        evidence=items_visible_to(request.user, challenge).distinct(),
        conversations=challenge.conversations.all(),
    )


def _score_extras(row):
    if row is None:
        return {}
    return {"confidence": row.confidence, "comment": row.comment, "evidence": row.evidence.all(),
            "conversations": row.conversations.all()}  # fmt: skip


@acts(Act.SCORE_OWN)
@require_POST
def score_autosave(request, ref, code):
    """The same form, sent while it is written: JSON with the new version, or 409 with the text that stands."""
    challenge = get_challenge(request.user, ref, Act.SCORE_OWN)
    question = _question(challenge, code)
    form = _score_form(request, challenge, question, None)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    try:
        saved = services.save_score(challenge=challenge, question=question, by=request.user, **form.cleaned_data)
    except StaleVersion as stale:
        return render(request, "scoring/_clash.html", {"current": stale.current}, status=409)
    return JsonResponse({"version": saved.version, "saved": timezone.localtime().strftime("%H:%M")})


def _after_save(request, challenge, question):
    messages.success(request, _("Your score on %(code)s is saved. Only you see it.") % {"code": question.code})
    following = _around(challenge, question)[1]
    if "next" in request.POST and following:
        return redirect("scoring:score", challenge.ref, following)
    return redirect("scoring:score", challenge.ref, question.code)


def _around(challenge, question):
    """The codes before and after, "" at the ends."""
    codes = list(questions_in_scope(challenge).values_list("code", flat=True))
    place = codes.index(question.code)
    return (codes[place - 1] if place else "", codes[place + 1] if place + 1 < len(codes) else "")


@acts(Act.SCORES_SUBMIT)
def submit(request, ref):
    challenge = get_challenge(request.user, ref, Act.SCORES_SUBMIT)
    missing = queries.unscored_by(challenge, request.user)
    if request.method == "POST":
        try:
            services.submit_scores(challenge=challenge, by=request.user)
        except (BadInput, NotNow) as wrong:
            messages.error(request, wrong.message)
        else:
            messages.success(request, _("Your scores are in. The team sees them after the reveal."))
        return redirect("scoring:own", ref)
    return render(request, "scoring/submit.html", {"challenge": challenge, "tab": "scores", "missing": missing})


def _strip(row):
    """The question's scores as a small picture; the cells beside it hold the same numbers."""
    agreed = row.agreed.level if row.agreed else None
    peers = [score.level for score in row.scores]
    return score_strip(
        row.question.code, host=row.host_level, peers=peers, agreed=agreed, uid=f"s{row.question.pk}", width=170
    )


@acts(Act.SCORE_READ_ALL)
def board(request, ref):
    challenge = get_challenge(request.user, ref, Act.SCORE_READ_ALL)
    theme, order = request.GET.get("theme", ""), request.GET.get("order", "disagreement")
    rows = queries.board_rows(request.user, challenge, theme=theme, order=order)
    for row in rows:
        row.strip = _strip(row)
    context = {"challenge": challenge, "tab": "board", "rows": rows, "theme": theme, "order": order,
               "themes": challenge.themes.order_by("place"), "words": _words(challenge),
               "agreed_count": sum(1 for row in rows if row.agreed)}  # fmt: skip
    return render(request, "scoring/board.html", context)


@acts(Act.SCORE_READ_ALL, Act.SCORE_AGREE)
def agree(request, ref, code):
    challenge = get_challenge(request.user, ref, Act.SCORE_READ_ALL)
    question = _question(challenge, code)
    row = next(row for row in queries.board_rows(request.user, challenge) if row.question.pk == question.pk)
    may_agree = may(request.user, Act.SCORE_AGREE, challenge)
    extras = {"reason": row.agreed.reason, "dissent": row.agreed.dissent} if row.agreed else {}
    form = AgreeForm(
        request.POST or None, initial=_initial(row.agreed) | extras,
        descriptors=question.levels.all(), words=_words(challenge),
    )  # fmt: skip
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.agree_score(challenge=challenge, question=question, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = stale.current
            form.add_error(None, stale.message)
        else:
            messages.success(request, _("The agreed score on %(code)s is recorded.") % {"code": code})
            return redirect("scoring:board", ref)
    context = {"challenge": challenge, "tab": "board", "question": question, "row": row, "form": form,
               "may_agree": may_agree, "current": current, "words": _words(challenge),
               "answer": answers_visible_to(request.user, challenge).filter(question=question).first()}  # fmt: skip
    return render(request, "scoring/agree.html", context, status=409 if current else 200)
