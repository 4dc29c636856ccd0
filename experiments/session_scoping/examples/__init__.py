"""Runs the examples and commands of earlier reports exactly as they were printed."""

import importlib.util
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from flask import Flask

from casebook.record import Trial, Verbatim
from experiments.session_scoping.examples.printed import COMMANDS, EXAMPLES, Example
from experiments.session_scoping.rig.driver import Driver

DATABASES = ("sqlite",)

HOWS = ("as printed", "given what it takes for granted", "the same, in a context")


def run(trial: Trial) -> None:
    """Run the examples and commands for the pattern's backend, each in a fresh namespace."""
    recorder = Driver(trial).recorder
    backend = trial.pattern.__module__.rpartition(".")[2]
    for example in EXAMPLES.get(backend, ()):
        for how in HOWS if example.given else HOWS[:1]:
            folder = Path(trial.folder, example.name, how)
            folder.mkdir(parents=True)
            os.chdir(folder)
            run_example(recorder, example, how)
    for command in COMMANDS.get(backend, ()):
        run_command(recorder, command, trial.folder)


def run_example(recorder, example: Example, how: str) -> None:
    """Run an example, record how it ended, and request its `ask` path if it has one."""
    names: dict[str, Any] = {"__name__": "__main__"}
    if how != HOWS[0]:
        exec(example.given, names)
    try:
        if how == HOWS[2] and isinstance(names.get("app"), Flask):
            with names["app"].app_context():
                exec(example.text, names)
        else:
            exec(example.text, names)
    except Exception as error:
        recorder.record("example-run", name=example.name, how=how, **described(error))
        return
    recorder.record("example-run", name=example.name, how=how, line=None, error=None)
    if example.ask and isinstance(app := names.get("app"), Flask):
        app.config["PROPAGATE_EXCEPTIONS"] = True
        try:
            response = app.test_client().get(example.ask)
            response.close()
            answer = {"status": response.status_code, "error": None}
        except Exception as error:
            answer = {"status": 500, "error": described(error)["error"]}
        path = Verbatim(example.ask)
        recorder.record("example-asked", name=example.name, how=how, path=path, **answer)


def described(error: Exception) -> dict:
    """Return an error's text, and the line of the example where it surfaced."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "<string>"
    ]
    text = " ".join(str(error).strip().partition("\n")[0].split())
    return {"line": lines[0] if lines else None, "error": f"{type(error).__name__}: {text}"}


def run_command(recorder, command: str, folder: str) -> None:
    """Run a command in the cell's folder, with the environment's programs, and record its end.

    Also records whether the file that the command names is installed.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={"PATH": path, "HOME": folder},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    named = next((word for word in command.split() if word.endswith(".py")), None)
    recorder.record(
        "command-run",
        command=Verbatim(command),
        ended_well=done.returncode == 0,
        file=named,
        file_installed=None if named is None else is_installed(named),
    )


def is_installed(file: str) -> bool:
    """Return whether a file, given as a path below a checkout, is installed."""
    spec = importlib.util.find_spec("flask_admin")
    roots = [Path(one).parent for one in (spec.submodule_search_locations or ())] if spec else []
    return any((root / file).exists() for root in roots)
