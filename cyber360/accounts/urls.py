"""allauth's pages under account/ (those this product offers), and our own."""

from allauth.account import views as allauth
from django.urls import include, path, re_path

from cyber360.accounts import views

# Signing up and changing one's address are not offered, so allauth's list is not included whole.
account_patterns = [
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", views.sign_up_closed, name="account_signup"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]

own_patterns = [
    path("account/", views.own_account, name="own"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("in/<str:token>/", views.link, name="link"),
    path("accounts/", views.account_list, name="list"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("accounts/<int:pk>/invite/", views.account_invite, name="invite"),
    path("accounts/<int:pk>/revoke/", views.account_revoke, name="revoke"),
]

urlpatterns = [
    path("", include((own_patterns, "accounts"))),
    path("account/", include(account_patterns)),
]
