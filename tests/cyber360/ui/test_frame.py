"""The frame and the tags, on the page tests/cyber360/ui/sample.html."""

import datetime
import re

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template, engines
from django.test import RequestFactory
from django.utils import timezone, translation

from cyber360.accounts.models import User
from cyber360.ui.templatetags import ui

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_pages")]


def drawn(source: str, address: str = "/", **context) -> str:
    template = engines["django"].from_string(source)
    return re.sub(r"\s+", " ", template.render(context, RequestFactory().get(address)))


def test_title_is_the_heading(client):
    text = client.get("/sample/").content.decode()
    assert "<title>Question 3: Who decides &amp; why – Cyber 360</title>" in text.replace(
        "decides & why", "decides &amp; why"
    )
    assert len(re.findall(r"<h1", text)) == 1


def test_errors_come_first_linked_and_named_in_the_title(client):
    text = client.post("/sample/", {"name": ""}).content.decode()
    assert "<title>Error: Question 3" in text
    assert text.count("govuk-error-summary__title") == 1
    links = re.findall(r'<a href="#([^"]+)">', text.split("govuk-error-summary__list")[1].split("</ul>")[0])
    assert links == ["id_name", "id_email", "id_why", "id_level_0", "id_region", "id_starts_day", "id_agree"]
    assert all(f'id="{link}"' in text for link in links)


def test_error_of_the_whole_form_is_in_the_summary(client):
    text = client.post("/sample/", {"name": "nowhere"}).content.decode()
    assert "<li>No council is called nowhere</li>" in re.sub(r"\s+(?=<)|(?<=>)\s+", "", text)


def test_h1_block_alone_also_names_the_page():
    text = drawn('{% extends "base.html" %}{% block h1 %}Peers & people{% endblock %}')
    assert "<title>Peers & people – Cyber 360</title>" in text
    assert "Peers & people</h1>" in text


def test_title_from_people_is_escaped_once():
    text = drawn('{% extends "base.html" %}{% block title %}{{ name }}{% endblock %}', name="<b>A & B</b>")
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;</h1>" in text
    assert "<title>&lt;b&gt;A &amp; B&lt;/b&gt; – Cyber 360</title>" in text


def test_marking_is_at_top_and_bottom_unless_the_page_empties_it():
    assert drawn('{% extends "base.html" %}').count("OFFICIAL-SENSITIVE") == 2
    assert "OFFICIAL" not in drawn('{% extends "base.html" %}{% block marking %}{% endblock %}')
    assert drawn('{% extends "base.html" %}{% block marking %}OFFICIAL{% endblock %}').count("</span>OFFICIAL</p>") == 2


def test_header_says_who_acts_where_and_signs_out_by_post(client):
    user = User.objects.create_user("ann@example.org", "Ann Peer", "long password 1")
    client.force_login(user)
    text = re.sub(r"\s+", " ", client.get("/sample/?message=1").content.decode())
    assert "Ann Peer" in text
    assert "Acting as: Lead peer, C360-2027-014 Northmoor" in text
    assert '<form method="post" action="/accounts/logout/"' in text
    assert "The answer is saved. Next: question 4." in text


def test_demo_banner(settings):
    assert "demonstration" not in drawn('{% extends "base.html" %}')
    settings.DEMO = True
    assert "demonstration" in drawn('{% extends "base.html" %}')


def test_no_page_of_the_frame_needs_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        drawn('{% extends "base.html" %}')


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ('{% tag "On site" "blue" %}', '<strong class="govuk-tag govuk-tag--blue">On site</strong>'),
        ("{% tag word 'x\"' %}", '<strong class="govuk-tag govuk-tag--grey">&lt;i&gt;</strong>'),
        ('{% button "Go" "secondary" href="/x/" %}', 'href="/x/" role="button"'),
        ('{% button "Save" %}', 'data-prevent-double-click="true"'),
        ("{% progress 3 12 'Answered' 'questions' %}", "3 of 12 questions"),
        ("{% progress 30 12 %}", 'value="12" max="12"'),
        ("{% progress 0 0 %}", 'value="0" max="1"'),
        ("{% querystring_with page=2 %}", "?q=a&amp;page=2"),
        ('{% querystring_with q="" %}', "?"),
        ("{% nice_date day %}", "Wednesday 3 March 2027"),
        ("{{ day|short_date }}", "3 Mar 2027"),
        ("{{ nothing|nice_date }}", ""),
        ("{% empty_state 'None yet' 'Soon' '/x/' 'See' %}", '<a class="govuk-link" href="/x/">See</a>'),
        ("{% error_summary nothing %}", ""),
        ('{% autosave "/s/" "k" %}', 'data-autosave="/s/" data-autosave-key="k"'),
    ],
)
def test_tags(source, html):
    text = drawn(source, "/?q=a", day=datetime.date(2027, 3, 3), word="<i>", nothing=None)
    assert html in text if html else text.strip() == ""


def test_times_are_uk_times_and_say_so():
    winter = datetime.datetime(2027, 1, 5, 10, 42, tzinfo=datetime.UTC)
    summer = datetime.datetime(2027, 7, 5, 23, 42, tzinfo=datetime.UTC)
    assert ui.nice_time(winter) == "10:42 (UK time)"
    assert ui.nice_moment(summer) == "Tuesday 6 July 2027, 00:42 (UK time)"
    with timezone.override("America/New_York"):
        assert ui.nice_time(winter) == "10:42 (UK time)"


def test_sort_header_turns_and_forgets_the_page():
    source = '{% sort_header "Name" "name" %}'
    assert 'aria-sort="none"' in drawn(source, "/?page=3")
    assert 'href="?sort=name"' in drawn(source, "/?page=3")
    assert 'aria-sort="ascending"' in drawn(source, "/?sort=name")
    assert 'href="?sort=-name"' in drawn(source, "/?sort=name")
    assert 'aria-sort="descending"' in drawn(source, "/?sort=-name")


def test_pager_keeps_filters_and_is_silent_on_one_page():
    page = Paginator(list(range(95)), 10).get_page(5)
    text = drawn("{% pager page %}", "/?q=a&page=5", page=page)
    assert 'href="?q=a&amp;page=4" rel="prev"' in text
    assert 'aria-current="page"' in text
    assert "Showing 41 to 50 of 95" in text
    assert drawn("{% pager page %}", page=Paginator([1], 10).get_page(1)).strip() == ""


def test_tags_work_without_a_request():
    with translation.override("en-gb"):
        assert Template("{% querystring_with page=2 %}").render(Context()) == "?page=2"
