"""Drives the desk under one pattern and records what it answers."""

import warnings
from itertools import count

from casebook.record import Trial
from experiments.tiny.desk import Desk


class Driver:
    """One desk, wired as the pattern says; its conversations are V1, V2, ... on desk D1."""

    def __init__(self, trial: Trial) -> None:
        self.record = trial.record
        self.labels = (f"V{number}" for number in count(1))
        self.record("wiring-started", "D1")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.desk = Desk(trial.pattern())
        for warning in caught:
            self.record("warning-raised", "D1", text=str(warning.message))
        self.record("wiring-ended", "D1")

    def open(self) -> str:
        """Open a conversation and return its label."""
        label = next(self.labels)
        self.record("conversation-opened", "D1", label)
        return label

    def ask(self, conversation: str) -> None:
        """Ask once in a conversation and record the answer."""
        self.record("counted", "D1", conversation, number=self.desk.answer(conversation))

    def close(self, conversation: str) -> None:
        """Close a conversation."""
        self.record("conversation-closed", "D1", conversation)
