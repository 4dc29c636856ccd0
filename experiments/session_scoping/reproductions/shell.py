"""Work in `flask shell`, and requests beside it."""

import gc
import sys
from threading import Thread

from flask.cli import FlaskGroup
from sqlalchemy.orm import object_session

from experiments.session_scoping.reproductions.application import ERRORS, User, ask, rows, start
from experiments.session_scoping.reproductions.left import ALIVE, watch_what_is_left
from experiments.session_scoping.reproductions.sessions import USED, label, sessions, watch_uses

LINES = """\
user = session().get(User, 1)
works_with(user)
beside('/admin/user/edit/?id=1', name='Anna')
session().rollback()
session().add(User(name='Typed'))
session().flush()
beside('/admin/user/')
session().commit()
user.name
"""


def shell_apart_from_requests(pattern):
    """Type lines into `flask shell`, while other threads answer requests: do they meet?"""
    watch_uses()
    watch_what_is_left()
    app, own, answers = start(pattern), [], []

    def beside(path, **form):
        thread = Thread(target=lambda: answers.append(ask(app, path, **form)[1]))
        thread.start()
        thread.join()

    def works_with(user):
        own.append(label(object_session(user)))

    names = {"session": app.config["SESSION"], "User": User, "beside": beside}
    app.shell_context_processor(lambda: names | {"works_with": works_with})
    vars(sys).pop("__interactivehook__", None)  # keeps these lines out of your history
    told = app.test_cli_runner().invoke(FlaskGroup(), ["shell"], input=LINES).output
    print(told)
    if not own or len(answers) < 2:
        return None
    if {*own} & {one for name in list(USED) for one in sessions(name)}:
        print(f"The shell worked with {own[0]}, too.")
        return "refuted"
    stored = {name for (name,) in rows(app, 'select name from "user"')}
    print(f"Stored are {', '.join(sorted(stored))}.")
    if "Typed" in answers[1] or not {"Anna", "Typed"} <= stored:
        return "refuted"
    gc.collect()
    if any(session.info.get("label") in own for session in ALIVE):
        print(f"{own[0]} is there after the shell has ended.")
        return "refuted"
    return "supported" if len(USED) == 2 and not ERRORS else None
