"""Pages of questionnaires: who reads, who writes, and the way of a file from check to publication."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from peers.frameworks import services
from peers.frameworks.forms import packed
from peers.frameworks.importer.loader import MAX_BYTES
from peers.frameworks.models import FrameworkVersion, State
from tests.factories.worlds import make_framework
from tests.peers.frameworks.documents import question, raw, text

LIST, IMPORT, KEEP = reverse("frameworks:list"), reverse("frameworks:import"), reverse("frameworks:keep")
COMPARE, FORMAT = reverse("frameworks:compare"), reverse("frameworks:format")


@pytest.fixture
def editor(cast):
    services.load_caf_reference()
    return cast.client_for(cast.editor)


@pytest.fixture
def draft(cast) -> FrameworkVersion:
    services.load_caf_reference()
    return services.import_version(raw=raw(), source="small.yaml").version


def at(name: str, version: FrameworkVersion, *more: str) -> str:
    return reverse(f"frameworks:{name}", args=[version.framework.code, version.version, *more])


def reading(version) -> list[str]:
    return [LIST, at("version", version), at("question", version, "T1.1"), at("export", version), COMPARE, FORMAT]


def writing(version) -> list[str]:
    return [IMPORT, at("publish", version), at("retire", version), at("discard", version)]


def outside(cast):
    inside = (
        cast.host_lead,
        cast.host_sponsor,
        cast.contributor,
        cast.manager,
        cast.lead_peer,
        cast.peer,
        cast.observer,
    )
    return (*inside, cast.stranger, cast.other_host, cast.superuser, cast.administrator, cast.pool_peer)


def test_nobody_outside_reads_or_writes(cast, draft):
    for person in outside(cast):
        client = cast.client_for(person)
        urls = reading(draft) + writing(draft)
        assert [client.get(url).status_code for url in urls] == [404] * len(urls), person
        assert [client.post(url).status_code for url in [*writing(draft), KEEP]] == [404] * 5, person
    assert FrameworkVersion.objects.get(pk=draft.pk).state == State.DRAFT


def test_the_coordinator_reads_and_does_not_write(cast, draft):
    client = cast.client_for(cast.coordinator)
    assert [client.get(url).status_code for url in reading(draft)] == [200] * 6
    assert [client.get(url).status_code for url in writing(draft)] == [404] * 4
    assert [client.post(url).status_code for url in [*writing(draft), KEEP]] == [404] * 5
    page = client.get(at("version", draft)).content.decode()
    assert "Publish this version" not in page
    assert "Delete this draft" not in page


def test_the_editor_opens_every_page(editor, draft):
    assert [editor.get(url).status_code for url in reading(draft) + writing(draft)] == [200] * 10


def test_signed_out_people_are_asked_to_sign_in(cast, draft):
    for url in reading(draft) + writing(draft):
        assert cast.client_for(None).get(url).status_code == 302


def test_unknown_things_are_not_found(editor, draft):
    for url in (
        reverse("frameworks:version", args=["nothing", "1.0"]),
        reverse("frameworks:version", args=[draft.framework.code, "9"]),
        at("question", draft, "T9.9"),
    ):
        assert editor.get(url).status_code == 404


# --- the way of a file -----------------------------------------------------------------------------------
def upload(client, data: bytes, name: str = "set.yaml"):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data)})


def test_check_then_keep_then_publish(editor):
    page = upload(editor, raw())
    assert "nothing is wrong" in page.content.decode()
    assert page.context["counts"].questions == 2
    assert not FrameworkVersion.objects.filter(framework__code="small-set").exists()
    draft = page.context["draft"]
    kept = editor.post(KEEP, draft.initial)
    version = FrameworkVersion.objects.get(framework__code="small-set")
    assert (kept.status_code, kept.url) == (302, version.get_absolute_url())
    assert "Imported as a draft" in editor.get(kept.url).content.decode()
    assert editor.post(at("publish", version)).status_code == 302
    version.refresh_from_db()
    assert version.state == State.PUBLISHED
    assert editor.post(at("publish", version)).status_code == 403
    assert editor.post(at("discard", version)).status_code == 403
    assert editor.post(at("retire", version)).status_code == 302


def test_problems_stand_in_a_table(editor):
    page = upload(editor, text(questions=question("T1.1", title="7", required="yes"), language="fr").encode())
    words = page.content.decode()
    assert "set.yaml has 3 problems" in words
    assert "themes[1].questions[1].required" in words
    assert "Import as a draft" not in words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a: &a [1]\nb: *a\n", "anchors and aliases"),
        (b"!!python/object/apply:os.system [x]", "a tag"),
        (b"", "The file is empty"),
        (b"PK\x03\x04\xff\xfe", "UTF-8"),
        (b"x" * (MAX_BYTES - 5000), "Pairs"),
    ],
)
def test_hostile_files_are_refused_in_words(editor, data, words):
    page = upload(editor, data)
    assert page.status_code == 200
    assert words in page.content.decode()


def test_no_file_and_a_file_too_large(editor):
    for data in ({}, {"file": SimpleUploadedFile("big.yaml", b"x" * (MAX_BYTES + 10_000))}):
        page = editor.post(IMPORT, data)
        assert page.status_code == 200
        assert "Choose a YAML file of at most 2 MB" in page.content.decode()


def test_a_file_name_is_only_text(editor):
    page = upload(editor, raw(), name="<script>alert(1)</script>.yaml").content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize("sent", ["", "not base64!", "AAAA", packed(b"x" * (MAX_BYTES * 2))])
def test_a_forged_checked_file_is_refused(editor, sent):
    response = editor.post(KEEP, {"packed": sent, "name": "x.yaml"})
    assert (response.status_code, response.url) == (302, IMPORT)


def test_what_is_kept_is_checked_again(editor):
    response = editor.post(KEEP, {"packed": packed(raw(title="7")), "name": "x.yaml"})
    assert "x.yaml has 1 problem" in response.content.decode()
    assert not FrameworkVersion.objects.filter(framework__code="small-set").exists()


def test_keeping_needs_a_post(editor):
    assert editor.get(KEEP).status_code == 405


def test_a_draft_is_deleted_after_a_page_of_its_own(editor, draft):
    assert "are deleted" in editor.get(at("discard", draft)).content.decode()
    assert FrameworkVersion.objects.filter(pk=draft.pk).exists()
    assert editor.post(at("discard", draft)).status_code == 302
    assert not FrameworkVersion.objects.filter(pk=draft.pk).exists()


def test_export_is_a_file_that_imports_as_the_same_text(editor, draft):
    response = editor.get(at("export", draft))
    assert response["Content-Disposition"] == 'attachment; filename="small-set-1.0.yaml"'
    assert services.check_file(raw=response.content).problems == []


def test_the_format_is_a_json_schema(editor):
    response = editor.get(FORMAT)
    assert "attachment" in response["Content-Disposition"]
    assert json.loads(response.content)["title"] == "Document"


def test_compare_two_versions(editor, draft):
    data = text("1.1", question("T1.1", question="Something else?") + question("T1.3")).encode()
    newer = services.import_version(raw=data, source="x").version
    page = editor.get(COMPARE, {"old": draft.pk, "new": newer.pk}).content.decode()
    for words in ("Something else?", "T1.3", "Removed", "Added", "Changed"):
        assert words in page
    assert "hold the same" in editor.get(COMPARE, {"old": draft.pk, "new": draft.pk}).content.decode()
    assert editor.get(COMPARE, {"old": "999999", "new": "x"}).status_code == 200


def test_pages_take_the_same_queries_for_small_and_large_sets(cast, editor, django_assert_max_num_queries):
    def queries(version) -> list[int]:
        counts = []
        for url in (LIST, at("version", version), at("question", version, "T1.1")):
            with django_assert_max_num_queries(15) as captured:
                editor.get(url)
            counts.append(len(captured))
        return counts

    small = queries(make_framework(themes=1, questions=1))
    for _number in range(6):
        make_framework(themes=1, questions=1)
    assert queries(make_framework(themes=6, questions=6)) == small
