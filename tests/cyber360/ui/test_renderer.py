import re

import pytest
from django import forms
from django.http import QueryDict

from cyber360.ui.renderer import first_control_id
from cyber360.ui.widgets import DateField
from tests.cyber360.ui.urls import EveryForm

pytestmark = pytest.mark.usefixtures("platform_pages")


def group(form: forms.Form, name: str) -> str:
    return re.sub(r"\s+", " ", str(form[name].as_field_group()))


def bound(**data: str) -> EveryForm:
    return EveryForm(QueryDict("&".join(f"{key}={value}" for key, value in data.items())))


def test_text_input_has_label_hint_and_class():
    assert group(EveryForm(), "name") == (
        '<div class="govuk-form-group"> <label class="govuk-label" for="id_name">Name of the council</label> '
        '<div id="id_name_helptext" class="govuk-hint">As on its website</div> '
        '<input type="text" name="name" maxlength="80" aria-describedby="id_name_helptext" id="id_name" '
        'class="govuk-input"> </div>'
    )


def test_text_input_with_an_error_names_it_and_is_described_by_it():
    html = group(bound(name=""), "name")
    assert '<div class="govuk-form-group govuk-form-group--error">' in html
    assert '<p id="id_name_error" class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'class="govuk-input govuk-input--error"' in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize("name", list(EveryForm.base_fields))
def test_no_control_carries_the_browsers_own_required(name):
    assert " required" not in str(EveryForm()[name])


def test_optional_fields_say_so_and_a_filter_form_need_not():
    assert "Days you can give (optional)</label>" in group(EveryForm(), "days")
    form = EveryForm()
    form.mark_optional = False
    assert "Days you can give</label>" in group(form, "days")


def test_number_is_narrow():
    assert 'class="govuk-input govuk-input--width-5"' in group(EveryForm(), "days")


def test_textarea_with_word_count():
    html = group(EveryForm(), "why")
    assert html.startswith(
        '<div class="govuk-form-group govuk-character-count" data-module="govuk-character-count" '
        'data-maxlength="150" data-count-type="words">'
    )
    assert 'class="govuk-textarea govuk-js-character-count"' in html
    assert 'aria-describedby="id_why_helptext id_why-info"' in html
    assert (
        '<div id="id_why-info" class="govuk-hint govuk-character-count__message">You can write up to 150 words' in html
    )


def test_radios_are_a_fieldset_with_hints_and_the_error_on_the_first():
    form = bound(name="x")
    html = group(form, "level")
    assert '<fieldset class="govuk-fieldset" aria-describedby="id_level_helptext id_level_error">' in html
    assert '<legend class="govuk-fieldset__legend">Level</legend>' in html
    assert html.count('class="govuk-radios__item"') == 4
    assert (
        '<div id="id_level_1-item-hint" class="govuk-hint govuk-radios__hint">Some people know what to do</div>' in html
    )
    assert 'aria-describedby="id_level_1-item-hint"' in html
    assert first_control_id(form["level"]) == "id_level_0"


def test_checkboxes_and_a_single_checkbox():
    assert "govuk-checkboxes--small" in group(EveryForm(), "topics")
    html = group(EveryForm(), "agree")
    assert '<label class="govuk-label govuk-checkboxes__label" for="id_agree">I have read the terms</label>' in html
    assert 'class="govuk-checkboxes__input"' in html
    assert '<div id="id_agree_helptext" class="govuk-hint govuk-checkboxes__hint">Four pages</div>' in html
    assert "<legend" not in html


def test_select_and_files():
    assert '<select name="region" id="id_region" class="govuk-select">' in group(EveryForm(), "region")
    html = group(EveryForm(), "files")
    assert 'class="govuk-file-upload"' in html
    assert " multiple" in html


def test_date_has_three_parts_and_the_error_link_goes_to_the_day():
    form = bound(starts_day="31", starts_month="2", starts_year="2027")
    html = group(form, "starts")
    assert (
        '<fieldset class="govuk-fieldset" role="group" aria-describedby="id_starts_helptext id_starts_error">' in html
    )
    for part, value in (("day", "31"), ("month", "2"), ("year", "2027")):
        assert f'id="id_starts_{part}" name="starts_{part}"' in html
        assert f'value="{value}"' in html
    assert html.count("govuk-input--error") == 3
    assert first_control_id(form["starts"]) == "id_starts_day"


@pytest.mark.parametrize(
    ("data", "iso", "error"),
    [
        ({"starts": "2027-03-27"}, "2027-03-27", ""),
        ({"starts": "27/03/2027"}, "2027-03-27", ""),
        ({"starts_day": "27", "starts_month": "3", "starts_year": "2027"}, "2027-03-27", ""),
        ({"starts_day": "27", "starts_month": "March", "starts_year": "2027"}, "2027-03-27", ""),
        ({"starts_day": "", "starts_month": "3", "starts_year": "2027"}, "", "The date must include a day"),
        ({"starts_day": "1", "starts_month": "", "starts_year": ""}, "", "The date must include a month and a year"),
        ({"starts_day": "1", "starts_month": "2", "starts_year": "27"}, "", "The year must have four numbers"),
        ({"starts_day": "31", "starts_month": "2", "starts_year": "2027"}, "", "Enter a real date"),
        ({"starts_day": "x", "starts_month": "-", "starts_year": "----"}, "", "Enter a real date"),
        ({"starts": "soon"}, "", "Enter a real date"),
        ({}, "", "Enter a date"),
    ],
)
def test_date_reads_parts_and_says_what_to_mend(data, iso, error):
    class OneDate(forms.Form):
        starts = DateField()

    form = OneDate(data)
    assert form.is_valid() is bool(iso)
    if iso:
        assert form.cleaned_data["starts"].isoformat() == iso
    else:
        assert form.errors["starts"][0].startswith(error)


def test_initial_date_fills_the_parts_and_an_unchanged_one_is_unchanged():
    class OneDate(forms.Form):
        starts = DateField()

    day = DateField().clean("2027-03-05")
    assert 'value="5"' in str(OneDate(initial={"starts": day})["starts"])
    parts = {"starts_day": "05", "starts_month": "3", "starts_year": "2027"}
    assert not OneDate(parts, initial={"starts": day}).has_changed()


def test_whole_form_draws_every_field_once_and_the_hidden_ones():
    html = str(EveryForm())
    assert html.count('<div class="govuk-form-group') == 10 + 3
    assert '<input type="hidden" name="version" value="3" id="id_version">' in html


def test_value_and_help_are_escaped_where_they_come_from_people():
    form = EveryForm(initial={"name": '"><script>', "why": "</textarea><script>"})
    assert "<script>" not in str(form)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("name", "Fill in “Name of the council”"),
        ("level", "Choose an answer for “Level”"),
        ("region", "Choose an answer for “Region”"),
        ("starts", "Enter a date for “First day on site”"),
        ("agree", "Tick “I have read the terms” to go on"),
    ],
)
def test_an_empty_field_is_named(name, words):
    assert words in group(EveryForm({}), name)
