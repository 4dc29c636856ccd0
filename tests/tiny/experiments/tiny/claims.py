"""What is claimed of counters."""

from collections import Counter

from casebook.claim import Verdict, claim, inconclusive, refuted, supported
from casebook.record import History


@claim(
    experiments=("wire",),
    supported_by=("kept-apart",),
    refuted_by={"raises-when-wired": "the counter broke"},
    gate=True,
)
def wires(history: History) -> Verdict:
    """The pattern can be set up as written.

    A desk takes the counter, and nothing raises.
    """
    ended = history.first("wiring-ended")
    if ended is None:
        return refuted(f"wiring ended with {history.reason}", *history.of("wiring-started"))
    return supported("the desk took the counter", ended)


@claim(
    experiments=("in-turn", "overlap"),
    supported_by=("kept-apart",),
    refuted_by={"mixed-up": "saw what"},
)
def counts_apart(history: History) -> Verdict:
    """No conversation sees what another counted.

    The numbers of each conversation are 1, 2, 3 and so on, whoever else was counting.
    """
    asked: Counter[str] = Counter()
    for event in history.of("counted"):
        conversation = event.label("V") or ""
        asked[conversation] += 1
        if event["number"] != asked[conversation]:
            return refuted(f"{conversation} saw what another conversation counted", event)
    if len(asked) < 2:
        return inconclusive("no occasion: fewer than two conversations counted")
    return supported("each conversation counted from 1", *history.of("counted"))


@claim(
    experiments=("wire",),
    supported_by=("kept-apart",),
    refuted_by={"warns-when-wired": "on its way out"},
    required=False,
    baseline="kept-apart",
)
def no_warnings(history: History, baseline: History) -> Verdict:
    """Wiring warns of nothing that the control does not warn of.

    Other warnings are listed, not judged.
    """
    known = {event["text"] for event in baseline.of("warning-raised")}
    others = [event for event in history.of("warning-raised") if event["text"] not in known]
    if others:
        return refuted(f"warned: {others[0]['text']}", *others)
    return supported("nothing warned", *history.of("wiring-ended"))
