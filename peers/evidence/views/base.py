from django.shortcuts import render

from peers.challenges.models import Challenge


def page(request, name: str, challenge: Challenge, *, status: int = 200, **context):
    """A page of the room in the challenge's frame."""
    return render(
        request, f"evidence/{name}.html", {"challenge": challenge, "tab": "evidence", **context}, status=status
    )
