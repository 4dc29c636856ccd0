"""What is asked of counters because a note said it."""

from casebook.claim import Verdict, check, inconclusive, refuted, supported
from casebook.record import History


@check(experiments=("in-turn",), about="")
def begins_at(history: History, of: str) -> Verdict:
    """Is this the first number that anybody was given?"""
    counted = history.first("counted")
    if counted is None:
        return inconclusive("no occasion: nobody counted")
    answer = supported if str(counted["number"]) == of else refuted
    return answer(f"the first number was {counted['number']}", counted)
