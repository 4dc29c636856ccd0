"""Patterns that give Flask-Admin a session from SQLAlchemy alone, and the controls."""

import os
import warnings
from typing import Any, ClassVar

from flask import g
from flask_admin import expose
from flask_admin.contrib.sqla.filters import FilterEqual
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool, StaticPool

from experiments.session_scoping.rig.application import Post, PostView, User, UserView
from experiments.session_scoping.rig.engines import Note, NoteView
from experiments.session_scoping.rig.plain_views import add_plain_views


def session_instance(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = sessionmaker(engine)()
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def thread_local_scoped_session(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def context_scoped_session(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=g._get_current_object)
    session.session = session  # what Flask-Admin looks for before it warns

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def scoped_session_closed(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def close(error):
        session.close()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


# --- Controls, built to be right -----------------------------------------------------------------


def scoped_session_removed(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def scoped_session_as_db(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))
    session.session = session  # what Flask-Admin looks for before it warns

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def scoped_session_by_context(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=g._get_current_object)

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def removed_after_streaming(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.after_request
    def remove(response):
        response.call_on_close(session.remove)
        return response

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def removed_with_request(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_request
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def rolled_back_at_teardown(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.rollback()
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def disposed_after_fork(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def never_ended_session(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])

    class NeverEnded(scoped_session):
        def close(self):
            pass

        remove = close

    session = NeverEnded(sessionmaker(engine))
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


# --- Controls that are right and use no Flask-Admin -----------------------------------------------


def plain_views(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    add_plain_views(app, session)
    return lambda: session


def plain_views_by_context(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=g._get_current_object)

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    add_plain_views(app, session)
    return lambda: session


# --- Controls, built to be wrong -----------------------------------------------------------------


def scoped_session_kept(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def removed_on_success_only(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        if error is None:
            session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def removed_after_200_only(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.after_request
    def remove(response):
        if response.status_code == 200:
            response.call_on_close(session.remove)
        return response

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def committed_at_teardown(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def commit(error):
        session.commit()
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def app_lifetime_session(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=lambda: "the application")
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


kept: list[Any] = []


def session_of_the_process(app, admin):
    if not kept:
        engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
        kept.append(scoped_session(sessionmaker(engine), scopefunc=lambda: "the process"))
    (session,) = kept
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def registry_of_the_process(app, admin):
    if not kept:
        engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
        kept.append(scoped_session(sessionmaker(engine), scopefunc=g._get_current_object))
    (session,) = kept
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def one_connection(app, admin):
    options = {"connect_args": app.config["ENGINE_OPTIONS"]["connect_args"]}
    engine = create_engine(app.config["DATABASE_URL"], poolclass=StaticPool, **options)
    session = scoped_session(sessionmaker(engine), scopefunc=g._get_current_object)

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def scope_per_access(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=object)
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def rolls_back_nothing(app, admin):
    class Unrolled(Session):
        def rollback(self):
            pass

    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine, class_=Unrolled))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def kept_and_rolls_back_nothing(app, admin):
    class Unrolled(Session):
        def rollback(self):
            pass

    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine, class_=Unrolled))
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def tells_nothing(app, admin):
    class SilentPostView(PostView):
        def handle_view_exception(self, exc):
            return True  # Flask-Admin then says and logs nothing

    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(SilentPostView(Post, session))
    return lambda: session


def flushed_before_hooks(app, admin):
    class FlushedUserView(UserView):
        def on_model_change(self, form, model, is_created):
            self.get_query().session.flush()
            super().on_model_change(form, model, is_created)

    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(FlushedUserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def rows_kept(app, admin):
    class KeepingView(UserView):
        kept: ClassVar = []

        def get_list(self, *args, **kwargs):
            count, rows = super().get_list(*args, **kwargs)
            self.kept.extend(rows)
            return count, rows

    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(KeepingView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def engine_beside_session(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    class CountingView(UserView):
        def get_list(self, *args, **kwargs):
            with engine.connect() as connection:
                connection.execute(select(func.count()).select_from(User))
            return super().get_list(*args, **kwargs)

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(CountingView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def removed_before_streaming(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.after_request
    def remove(response):
        session.remove()
        return response

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def begun_with_request(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=lambda: g.scope)

    @app.before_request
    def begin():
        g.scope = object()

    @app.after_request
    def remove(response):
        session.remove()
        del g.scope
        return response

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def sessions_apart(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))
    another = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()
        another.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: another


def raises_when_wired(app, admin):
    raise RuntimeError("this pattern cannot be wired")


def warns_when_wired(app, admin):
    warnings.warn("this pattern is deprecated", DeprecationWarning, stacklevel=2)
    return scoped_session_as_db(app, admin)


def warns_at_first_request(app, admin):
    @app.before_request
    def warn():
        if not app.config.get("WARNED"):
            app.config["WARNED"] = True
            warnings.warn("this pattern is deprecated in use", DeprecationWarning, stacklevel=2)

    return scoped_session_as_db(app, admin)


def queried_when_wired(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))
    with engine.connect() as connection:
        connection.execute(select(func.count()).select_from(User))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


# --- Controls for a filter's choices --------------------------------------------------------------


def filters_made_anew(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    class FreshUserView(UserView):
        @expose("/")
        def index_view(self):
            self._refresh_filters_cache()
            return super().index_view()

    admin.add_view(FreshUserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def filters_fixed(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    class FixedUserView(UserView):
        column_filters = (FilterEqual(User.name, "Name", options=[("Ann", "Ann")]),)

    admin.add_view(FixedUserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


# --- Controls for a second engine -----------------------------------------------------------------


def engines_removed(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    other = create_engine(app.config["OTHER_DATABASE_URL"])
    session = scoped_session(sessionmaker(engine, binds={Note: other}))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    admin.add_view(NoteView(Note, session))
    return lambda: session


def engine_for_all(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    admin.add_view(NoteView(Note, session))
    return lambda: session


def engines_kept(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    other = create_engine(app.config["OTHER_DATABASE_URL"])
    session = scoped_session(sessionmaker(engine, binds={Note: other}))
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    admin.add_view(NoteView(Note, session))
    return lambda: session


def engines_of_the_process(app, admin):
    if not kept:
        engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
        other = create_engine(app.config["OTHER_DATABASE_URL"])
        kept.append(scoped_session(sessionmaker(engine, binds={Note: other})))
    (session,) = kept

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    admin.add_view(NoteView(Note, session))
    return lambda: session


# --- Controls for async sessions; SQLAlchemy's asyncio extension cannot be imported everywhere ----


def async_session_closed(app):
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(app.config["ASYNC_DATABASE_URL"], poolclass=NullPool)

    async def with_session(work):
        async with AsyncSession(engine) as session:
            return await work(session)

    return with_session


def async_session_not_closed(app):
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(app.config["ASYNC_DATABASE_URL"], poolclass=NullPool)

    async def with_session(work):
        return await work(AsyncSession(engine))

    return with_session


def async_session_closed_on_success_only(app):
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(app.config["ASYNC_DATABASE_URL"], poolclass=NullPool)

    async def with_session(work):
        session = AsyncSession(engine)
        answer = await work(session)
        await session.close()
        return answer

    return with_session


def async_session_of_the_application(app):
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(app.config["ASYNC_DATABASE_URL"], poolclass=NullPool)
    session = AsyncSession(engine)

    async def with_session(work):
        return await work(session)

    return with_session


def async_session_rolled_back(app):
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(app.config["ASYNC_DATABASE_URL"], poolclass=NullPool)

    async def with_session(work):
        async with engine.connect() as connection:
            await connection.begin()  # the session's commit does not end this transaction
            async with AsyncSession(connection) as session:
                return await work(session)

    return with_session
