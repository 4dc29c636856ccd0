"""What a command asks for, and what it says of a name that there is not."""

from argparse import Namespace

import pytest

from casebook.cli.asked import check_known, check_packages, databases_in, owner_of
from casebook.cli.command import UsageError
from casebook.plan.conf import read_investigation


def test_an_environment_is_found_in_the_investigation_that_declares_it(served):
    asked = Namespace(root=served.root, environment="dictionary")
    owner = owner_of(asked)
    assert owner.id == "tiny"
    assert databases_in(asked, owner) == ["sqlite", "ledger"]


def test_of_a_name_that_there_is_not_the_one_that_it_resembles_is_said(tiny):
    with pytest.raises(UsageError, match=r"conf/tiny\.toml: did you mean 'dictionary'"):
        owner_of(Namespace(root=tiny.root, environment="dictionar"))
    with pytest.raises(UsageError, match="unknown claim 'wirs': did you mean 'wires'"):
        check_known(["wirs"], ["wires"], "claim")


def test_a_package_is_that_of_an_axis(swept):
    own = [read_investigation(swept.root, "tiny")]
    check_packages(["tally"], own)
    with pytest.raises(UsageError, match="did you mean 'tally'"):
        check_packages(["tall"], own)
