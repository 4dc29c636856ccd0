"""Two conversations that are open at once."""

from casebook.record import Trial
from experiments.tiny.driver import Driver


def run(trial: Trial) -> None:
    """Open both, ask in turn, close both."""
    driver = Driver(trial)
    first, second = driver.open(), driver.open()
    driver.ask(first)
    driver.ask(second)
    driver.ask(first)
    driver.close(second)
    driver.close(first)
