from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.home_language import in_home_language
from models.words import _
from tests.factories.organisation import department


def test_sentence_that_a_record_keeps_is_in_the_department_s_language(app: Flask, session: Session) -> None:
    with acting(SYSTEM, Door.COMMAND):
        here, there = department(session), department(session, "Support")
        there.language = "en"
        session.flush()
    with app.app_context(), force_locale("en"):
        assert in_home_language(session, here.id, _("Not taken")) == "缺考"
    with app.app_context(), force_locale("zh_Hans_CN"):
        assert in_home_language(session, there.id, _("Not taken")) == "Not taken"
