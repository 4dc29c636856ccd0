"""Two conversations, one after the other."""

from casebook.record import Trial
from experiments.tiny.driver import Driver


def run(trial: Trial) -> None:
    """Ask twice in one conversation, close it, then ask once in the next."""
    driver = Driver(trial)
    first = driver.open()
    driver.ask(first)
    driver.ask(first)
    driver.close(first)
    second = driver.open()
    driver.ask(second)
    driver.close(second)
