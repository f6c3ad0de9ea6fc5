from django.urls import path

from . import views

app_name = "reports"
_report = "challenges/<ref>/report/"
urlpatterns = [
    path(_report, views.report, name="report"),
    path(f"{_report}preview/", views.preview, name="preview"),
    path(f"{_report}sections/<slug:code>/", views.section, name="section"),
    path(f"{_report}sections/<slug:code>/save/", views.section_save, name="section_save"),
    path(f"{_report}sections/<slug:code>/comment/", views.fact_add, name="fact_add"),
    path(f"{_report}findings/<int:pk>/", views.reword, name="reword"),
    path(f"{_report}settings/", views.settings, name="settings"),
    path(f"{_report}sign-off/", views.sign_off, name="sign_off"),
    path(f"{_report}facts/", views.facts, name="facts"),
    path(f"{_report}facts/<int:pk>/", views.fact, name="fact"),
    path(f"{_report}pdf/", views.pdf, name="pdf"),
    path(f"{_report}pdf/<int:number>/", views.draft_pdf, name="draft_pdf"),
    path(f"{_report}download/", views.issued_pdf, name="issued_pdf"),
    path(f"{_report}download/html/", views.issued_html, name="issued_html"),
    path(f"{_report}annex/", views.annex, name="annex"),
    path(f"{_report}annex/download/", views.annex_pdf, name="annex_pdf"),
    path("report-templates/", views.template_list, name="templates"),
    path("report-templates/new/", views.template_new, name="template_new"),
    path("report-templates/<int:pk>/", views.template, name="template"),
    path("report-templates/<int:pk>/use/", views.template_use, name="template_use"),
    path("report-templates/<int:pk>/add/", views.template_section_add, name="template_section_add"),
    path("report-templates/<int:pk>/sections/<slug:code>/", views.template_section, name="template_section"),
    path(
        "report-templates/<int:pk>/sections/<slug:code>/remove/",
        views.template_section_remove,
        name="template_section_remove",
    ),
]
