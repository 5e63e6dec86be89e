"""Django's admin over the same tables: the columns, filters and search of our list of findings, look-up boxes too.

Nobody signs in: each request is a superuser's. That spares Django the queries for session and user, ours does them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import django
from django.apps import AppConfig
from django.conf import settings
from django.urls import path as address
from sqlalchemy import URL, make_url

PAGE = 50


class Measured(AppConfig):
    """This module as Django's application."""

    name, label, path = __name__, "measured", str(Path(__file__).parent)


def configured(url: str) -> dict[str, Any]:
    """Django's words for the address of a database."""
    at: URL = make_url(url)
    if at.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": at.database}
    host = at.query.get("host", at.host)
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": at.database, "USER": at.username or "",
        "PASSWORD": unquote(at.password or ""), "HOST": host or "", "PORT": at.port or "", "CONN_MAX_AGE": None,
    }  # fmt: skip


def application(url: str) -> Callable[..., Any]:
    """The WSGI application; one a process."""
    settings.configure(
        SECRET_KEY="measured",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": configured(url)},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "django.contrib.admin",
            f"{__name__}.Measured",
        ],
        MIDDLEWARE=[
            f"{__name__}.as_superuser",
            "django.middleware.locale.LocaleMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        MESSAGE_STORAGE="django.contrib.messages.storage.cookie.CookieStorage",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        USE_TZ=True,
        TIME_ZONE="Asia/Shanghai",
        LANGUAGE_CODE="zh-hans",
        SILENCED_SYSTEM_CHECKS=["admin.E410"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()
    _register()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    # The form asks for the number that Django gives a model; nothing else of Django's own is needed.
    call_command("migrate", "contenttypes", verbosity=0)
    return get_wsgi_application()


urlpatterns: list[Any] = []


def as_superuser(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Everybody may do everything, without a query."""
    from django.contrib.auth.models import User

    user = User(id=1, username="measured", is_staff=True, is_superuser=True, is_active=True)

    def answered(request: Any) -> Any:
        request.user = user
        request._dont_enforce_csrf_checks = True
        return get_response(request)

    return answered


def _register() -> None:
    from django.contrib import admin
    from django.db import models

    class Staff(models.Model):
        number = models.CharField(max_length=32)
        name = models.CharField(max_length=80)

        class Meta:
            managed, db_table, app_label = False, "staff", "measured"

        def __str__(self) -> str:
            return self.name

    class Team(models.Model):
        name = models.CharField(max_length=80)

        class Meta:
            managed, db_table, app_label = False, "team", "measured"

        def __str__(self) -> str:
            return self.name

    class Item(models.Model):
        code = models.CharField(max_length=60)

        class Meta:
            managed, db_table, app_label = False, "scorecard_item", "measured"

        def __str__(self) -> str:
            return self.code

    class Inspection(models.Model):
        class Meta:
            managed, db_table, app_label = False, "qa_inspection", "measured"

        def __str__(self) -> str:
            return str(self.pk)

    class Finding(models.Model):
        version = models.IntegerField(default=1)
        department_id = models.IntegerField()
        created_at = models.DateTimeField(auto_now_add=True)
        updated_at = models.DateTimeField(auto_now=True)
        inspection = models.ForeignKey(Inspection, models.PROTECT)
        item = models.ForeignKey(Item, models.PROTECT)
        agent = models.ForeignKey(Staff, models.PROTECT)
        team = models.ForeignKey(Team, models.PROTECT, null=True)
        occurred_at = models.DateTimeField()
        severity = models.CharField(max_length=32, choices=[(code, code) for code in ("minor", "general", "severe")])
        deduction = models.DecimalField(max_digits=6, decimal_places=2)
        problem = models.CharField(max_length=1000)
        cause = models.CharField(max_length=400, null=True, blank=True)  # noqa: DJ001 the table is as it is
        recurring = models.BooleanField()
        state = models.CharField(max_length=32, choices=[(code, code) for code in ("draft", "told", "withdrawn")])

        class Meta:
            managed, db_table, app_label = False, "qa_finding", "measured"

        def __str__(self) -> str:
            return self.problem

    class FindingAdmin(admin.ModelAdmin):
        list_display = (
            "problem",
            "item",
            "severity",
            "deduction",
            "agent",
            "team",
            "occurred_at",
            "recurring",
            "state",
        )
        list_filter = ("state", "severity", "team", "occurred_at", "recurring")
        list_select_related = ("item", "agent", "team")
        search_fields = ("problem", "cause")
        ordering = ("-occurred_at", "-id")
        list_per_page = PAGE
        autocomplete_fields = ("inspection", "agent", "team", "item")
        fields = ("inspection", "item", "severity", "deduction", "problem", "cause", "agent", "team")

        def log_change(self, *args: Any) -> None:
            """Django's log has a table of its own, which is not here: sparing it is to Django's advantage."""

    class Found(admin.ModelAdmin):
        search_fields = ("name",)

    class FoundByCode(admin.ModelAdmin):
        search_fields = ("code",)

    class FoundById(admin.ModelAdmin):
        search_fields = ("id",)

    site = admin.AdminSite()
    site.register(Finding, FindingAdmin)
    for model, view in ((Staff, Found), (Team, Found), (Item, FoundByCode), (Inspection, FoundById)):
        site.register(model, view)
    urlpatterns.append(address("admin/", site.urls))
