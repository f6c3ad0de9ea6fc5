"""Files that come in pieces and go on after a lost connection: tus 1.0, encrypted from the first byte.

Two addresses, mounted by the room that wants files (a third shows the person what became of them):

    @speaks_tus                                     # outermost: failures become short answers with their words
    @acts(Act.X)
    def uploads(request, ref):                      # POST creates, OPTIONS tells what the server can do
        challenge = get_challenge(request.user, ref, Act.X)         # the right, on every request
        if request.method == "OPTIONS":
            return options(limit)                                   # bytes of one file
        asked = wanted(request.headers)             # .name .size .metadata (decoded) .raw
        upload = create(scope=challenge.scope, name=asked.name, size=asked.size, owner=request.user,
                        target={"kind": "evidence", ...}, limit=limit, metadata=asked.raw)
        return created(request, upload, reverse("evidence:upload", args=[ref, upload.pk]))

    @speaks_tus
    @acts(Act.X)
    def upload(request, ref, pk):                   # HEAD, PATCH, DELETE
        challenge = get_challenge(request.user, ref, Act.X)
        row = Upload.objects.filter(pk=pk, scope=challenge.scope, owner=request.user).first()
        if row is None:
            raise NoSeat                            # another's and one that never was look the same
        return answer(request, row)

and, in the room's services (imported by its tasks, so that the worker knows it):

    @finishes("evidence")                           # resumable.registry
    def add_received(upload, stored_file): ...      # in the transaction that writes the file's row; requires the right

- `target` is kept as JSON and handed back: ids only, no words that may not be seen in the database.
- The token goes by header (`X-CSRFToken`) with POST, PATCH and DELETE; Django's middleware checks it.
- Failures: 400 unreadable header, empty file or a type that is not accepted, 401 signed out, 403 not now, 404 no seat,
  409 wrong offset, 410 over, 411 no length, 412 version, 413 too big or no room in the scope, 415 content type, 423
  another request is writing, 429 five uploads are open, 460 checksum, 507 the disk is nearly full. The body of the
  answer is a sentence for the person. tus-js-client tries 409, 423 and 5xx again and shows the others.
- The same file begun again (same person, scope, name, size, target and metadata) ends the one before, or is told 423
  while that is being written. Put what tells two files apart into the metadata (`modified`, `path`).
- At offset = length the upload is "finishing": the job "files.finish" makes one stored file, checks its content and
  calls the registered function. Read `Upload.state` (receiving, finishing, done, refused, expired), `.refusal`,
  `.stored_file`, `.percent`; HEAD never says more than "received".
- DELETE cancels while receiving; once received it is 403. 24 hours without a byte: expired, parts removed. Rows of
  ended uploads stay 30 days, so that a page can tell what became of them.
"""

from .protocol import Refusal, Wanted, wanted
from .registry import finishes
from .uploads import create, end, forget_scope, is_over, sweep
from .views import answer, created, options, speaks_tus

__all__ = [
    "Refusal",
    "Wanted",
    "answer",
    "create",
    "created",
    "end",
    "finishes",
    "forget_scope",
    "is_over",
    "options",
    "speaks_tus",
    "sweep",
    "wanted",
]
