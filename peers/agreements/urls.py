from django.urls import path

from . import views

app_name = "agreements"
urlpatterns = [
    path("challenges/<str:ref>/agreements/", views.agreement_list, name="list"),
    path("challenges/<str:ref>/agreements/issue/", views.issue, name="issue"),
    path("challenges/<str:ref>/agreements/<int:pk>/", views.agreement, name="agreement"),
    path("challenges/<str:ref>/agreements/<int:pk>/sign/", views.sign, name="sign"),
    path("challenges/<str:ref>/agreements/<int:pk>/accept/", views.accept, name="accept"),
    path("challenges/<str:ref>/agreements/<int:pk>/return/", views.return_copy, name="return"),
    path("challenges/<str:ref>/agreements/<int:pk>/copy/", views.signed_copy, name="copy"),
    path("challenges/<str:ref>/agreements/<int:pk>/reissue/", views.reissue, name="reissue"),
    path("challenges/<str:ref>/agreements/<int:pk>/pdf/", views.pdf, name="pdf"),
    path("challenges/<str:ref>/agreements/<int:pk>/pdf/file/", views.pdf_file, name="pdf_file"),
    path("documents/", views.template_list, name="templates"),
    path("documents/<str:kind>/new/", views.template_new, name="template_new"),
    path("documents/<int:pk>/", views.template, name="template"),
    path("documents/<int:pk>/edit/", views.template_edit, name="template_edit"),
    path("documents/<int:pk>/use/", views.template_use, name="template_use"),
]
