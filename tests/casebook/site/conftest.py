"""The folder of the report that is made by hand."""

import pytest

from tests.casebook.site.builders import project


@pytest.fixture
def root(tmp_path):
    return project(tmp_path)
