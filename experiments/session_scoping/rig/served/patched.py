"""A fresh interpreter that patches first: the server's process, started as gevent requires.

python -m experiments.session_scoping.rig.served.patched TOLD
"""

import gc

from gevent import monkey

gc.disable()  # imports stay alive; collecting meanwhile takes an eighth of the total time
monkey.patch_all()  # before every other import

import importlib  # noqa: E402
import json  # noqa: E402
import pickle  # noqa: E402
import sys  # noqa: E402

from casebook.record import Trial  # noqa: E402
from experiments.session_scoping.rig import driver  # noqa: E402
from experiments.session_scoping.rig.application import RememberedTemplates  # noqa: E402
from experiments.session_scoping.rig.served import greenlets  # noqa: E402
from experiments.session_scoping.rig.served.process import Told  # noqa: E402


def main(told: str) -> None:
    """Do a warm parent's preparations, then serve."""
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
