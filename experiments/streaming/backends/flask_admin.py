"""Patterns of Flask-Admin's export, with Flask-SQLAlchemy."""

from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy

from experiments.streaming.rig.application import Post


def admin_export(app):
    class PostView(ModelView):
        can_export = True
        column_list = ("title",)
        column_export_list = ("title", "author")

    db = SQLAlchemy(app)
    Admin(app).add_view(PostView(Post, db))
    return "/admin/post/export/csv/"


def admin_export_listed(app):
    class PostView(ModelView):
        can_export = True
        column_list = ("title", "author")

    db = SQLAlchemy(app)
    Admin(app).add_view(PostView(Post, db))
    return "/admin/post/export/csv/"
