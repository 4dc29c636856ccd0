"""A fresh interpreter that patches first: the server's process under gevent as gevent asks for.

python -m experiments.session_scoping.served.patched TOLD
"""

import gc

from gevent import monkey

gc.disable()  # what is imported stays; collecting in between takes an eighth of the whole
monkey.patch_all()  # before every other import

import importlib  # noqa: E402
import json  # noqa: E402
import pickle  # noqa: E402
import sys  # noqa: E402

from casebook.record import Trial  # noqa: E402
from experiments.session_scoping import driver  # noqa: E402
from experiments.session_scoping.application import RememberedTemplates  # noqa: E402
from experiments.session_scoping.served import greenlets  # noqa: E402
from experiments.session_scoping.served.process import Told  # noqa: E402


def main(told: str) -> None:
    """Do what a warm parent does for its cells, then serve."""
    order = json.loads(told)
    with open(order["templates"], "rb") as file:
        RememberedTemplates.compiled.update(pickle.load(file))
    driver.prepare(order["trial"]["database"], order["trial"]["server"])
    pattern = getattr(importlib.import_module(order["module"]), order["function"])
    trial = Trial(pattern=pattern, write=lambda event: None, **order["trial"])
    gc.freeze()
    greenlets.serve(Told(trial, order["listener"], order["pipe"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
