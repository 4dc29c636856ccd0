"""The checks: questions of fact that statements of earlier reports need answered.

Each is a pure function of one history and of what the statement asks of it.
"""

from __future__ import annotations

from casebook.claim import Verdict, check, inconclusive, refuted, supported
from casebook.record import Event, History

# --- What is installed ----------------------------------------------------------------------------


@check(experiments=("inspection",), about="inspection")
def is_installed(history: History, of: str) -> Verdict:
    """Can this package be installed from the index, so that it can be tested at all?"""
    found = _distribution(history, of)
    if found is None:
        return refuted(f"{of} is not installed")
    return supported(f"{of} {found['release']} is installed, and was set up and tested", found)


@check(experiments=("inspection",), about="inspection")
def is_latest_release(history: History, of: str) -> Verdict:
    """Is this release of this package the latest, as far as the installed one can tell?"""
    name, release = of.split()
    found = _distribution(history, name)
    if found is None:
        return inconclusive(f"no occasion: {name} is not installed")
    installed = str(found["release"])
    if _numbers(installed) > _numbers(release):
        return refuted(f"{name} {installed} is installed, which is later than {release}", found)
    if _numbers(installed) < _numbers(release):
        return inconclusive(f"no occasion: {name} {installed} is installed, which is older", found)
    return supported(f"{name} {installed} is what is installed", found)


@check(experiments=("inspection",), about="inspection")
def repository_is(history: History, of: str) -> Verdict:
    """Is this the address of the source that the package's own metadata names?"""
    return _address(history, of, ("Source", "Source Code", "Repository", "Homepage"))


@check(experiments=("inspection",), about="inspection")
def documentation_is(history: History, of: str) -> Verdict:
    """Is this the address of the documentation that the package's own metadata names?

    Where it names another one, whether both lead to it is not asked of the network.
    """
    found = _address(history, of, ("Documentation",))
    if found.verdict == "refuted":
        why = f"no occasion: {found.reason}; whether both lead there was not asked"
        return inconclusive(why, *found.events)
    return found


@check(experiments=("inspection",), about="inspection")
def can_be_imported(history: History, of: str) -> Verdict:
    """Is there a module of this name?"""
    event = _named(history, "module-looked-up", of)
    if event is None:
        return inconclusive(f"no occasion: {of} was not looked up")
    if event["error"]:
        return refuted(f"importing {of} raised {event['error']}", event)
    return supported(f"{of} can be imported", event)


# --- The extension --------------------------------------------------------------------------------


@check(experiments=("inspection",), about="inspection")
def has_attribute(history: History, of: str) -> Verdict:
    """Has the extension an attribute of this name?"""
    found = history.first("extension-found")
    if found is None:
        return inconclusive("no occasion: there is no extension object")
    if of in str(found["attributes"]).split():
        return supported(f"{found['type']} has {of}", found)
    return refuted(f"{found['type']} has no {of}, only {found['attributes']}", found)


@check(experiments=("inspection",), about="inspection")
def has_async_sessions(history: History, of: str) -> Verdict:
    """Does the extension offer anything for SQLAlchemy's asynchronous sessions?"""
    found = history.first("extension-found")
    if found is None:
        return inconclusive("no occasion: there is no extension object")
    names = str(found["async_attributes"]).split()
    if names:
        return supported(f"{found['type']} has {', '.join(names)}", found)
    if found["imports_asyncio"]:
        return inconclusive("it imports sqlalchemy.ext.asyncio and offers nothing by name", found)
    return refuted(
        f"{found['type']} has no attribute with async in its name, and its package does not use"
        " sqlalchemy.ext.asyncio",
        found,
    )


@check(experiments=("inspection",), about="inspection")
def session_returns(history: History, of: str) -> Verdict:
    """Is `session` a property that returns this expression?"""
    found = _named(history, "source-found", "session")
    if found is None:
        return refuted("session is no property of the class", *history.of("extension-found"))
    if found["returns"] == f"return {of}":
        return supported(f"the property session ends with `{found['returns']}`", found)
    return refuted(f"the property session ends with `{found['returns']}`", found)


# --- The session ----------------------------------------------------------------------------------


@check(experiments=("inspection",), about="inspection")
def session_is(history: History, of: str) -> Verdict:
    """Is what `session` gives inside a context of this class, or of one derived from it?"""
    event = _asked_for(history, "inside a context")
    if event is None or event["error"]:
        return inconclusive("no occasion: there was no session inside a context")
    kind = event["type"]
    if of in str(event["kinds"]).split():
        return supported(f"inside a context, session is a {kind}" + _derived(kind, of), event)
    return refuted(f"inside a context, session is a {kind}, no {of}", event)


@check(experiments=("inspection",), about="inspection")
def needs_context(history: History, of: str) -> Verdict:
    """Does asking for `session` outside any context raise, with these words if any are given?"""
    outside = _asked_for(history, "outside any context")
    inside = _asked_for(history, "inside a context")
    if outside is None or inside is None or inside["error"]:
        return inconclusive("no occasion: there was no session inside a context either")
    if not outside["error"]:
        return refuted(f"outside any context, session is a {outside['type']}", outside)
    if of not in str(outside["error"]):
        return refuted(f"outside any context, session raised {outside['error']}", outside)
    return supported(f"outside any context, session raised {outside['error']}", outside, inside)


@check(experiments=("inspection",), about="inspection")
def same_object_everywhere(history: History, of: str) -> Verdict:
    """Is it the same object that `session` gives in every context?"""
    compared = history.first("sessions-compared")
    if compared is None:
        return inconclusive("no occasion: nothing was compared")
    if compared["same_object"]:
        return supported("session gave the same object in two contexts", compared)
    return refuted("session gave another object in the second context", compared)


@check(experiments=("inspection",), about="inspection")
def sessions_differ(history: History, of: str) -> Verdict:
    """Do two requests, one after the other, get two sessions?"""
    served = [event for event in history.of("session-served") if event["step"] == "request"]
    sessions = {event.label("S") for event in served}
    if len(served) < 2:
        return inconclusive("no occasion: fewer than two requests got a session")
    told = " and ".join(f"{event.label('R')} got {event.label('S')}" for event in served)
    return (supported if len(sessions) == len(served) else refuted)(told, *served)


@check(experiments=("inspection",), about="inspection")
def contexts_differ(history: History, of: str) -> Verdict:
    """Has each request an application context of its own?"""
    served = [event for event in history.of("session-served") if event["step"] == "request"]
    if len(served) < 2:
        return inconclusive("no occasion: fewer than two requests were served")
    told = " and ".join(f"{event.label('R')} had {event.label('A')}" for event in served)
    contexts = {event.label("A") for event in served}
    return (supported if len(contexts) == len(served) else refuted)(told, *served)


@check(experiments=("inspection",), about="inspection")
def scope_is(history: History, of: str) -> Verdict:
    """Is the session that of the `thread`, or of the `application context`, or of neither?

    On one thread a context is pushed inside another; one context is then used by two threads.
    """
    served = {str(event["step"]): event for event in history.of("session-served")}
    steps = ("outer", "inner", "own thread", "other thread")
    if not all(step in served for step in steps):
        return inconclusive("no occasion: not every context got a session")
    outer, inner, own, other = (served[step] for step in steps)
    told = (
        f"on {outer.label('T')}, {outer.label('A')} got {outer.label('S')} and {inner.label('A')}"
        f" inside it {inner.label('S')}; {own.label('A')} got {own.label('S')} on"
        f" {own.label('T')} and {other.label('S')} on {other.label('T')}"
    )
    by_context = outer.label("S") != inner.label("S") and own.label("S") == other.label("S")
    by_thread = outer.label("S") == inner.label("S") and own.label("S") != other.label("S")
    scope = "application context" if by_context else "thread" if by_thread else ""
    events = (outer, inner, own, other)
    if not scope:
        return inconclusive(f"neither the one nor the other: {told}", *events)
    return (supported if scope == of else refuted)(f"the scope is the {scope}: {told}", *events)


@check(experiments=("inspection",), about="inspection")
def kept_in_g(history: History, of: str) -> Verdict:
    """Does the backend keep its session in Flask's `g`, under this name if one is given?"""
    served = next(history.of("session-served"), None)
    if served is None:
        return inconclusive("no occasion: there was no session")
    names = str(served["in_g"])
    if names and (not of or of in names.split()):
        return supported(f"in a context with a session, g holds {names}", served)
    return refuted(f"in a context with a session, g holds {names or 'nothing of it'}", served)


@check(experiments=("inspection",), about="inspection")
def kept_in_registry(history: History, of: str) -> Verdict:
    """Does a registry hold the session from its first use on, and no longer when it is over?"""
    looked = {str(event["when"]): event for event in history.of("registry-looked-at")}
    steps = ("before asking, first", "after asking, first", "after the first context")
    if not all(step in looked for step in steps):
        return refuted("there is no registry", *history.of("session-asked-for"))
    events = [looked[step] for step in steps]
    before, during, after = (event["sessions"] for event in events)
    told = f"the registry held {before}, then {during}, and after the context {after} sessions"
    return (supported if (before, during, after) == (0, 1, 0) else refuted)(told, *events)


# --- Examples and commands ------------------------------------------------------------------------


@check(experiments=("examples",), about="inspection")
def runs_as_printed(history: History, of: str) -> Verdict:
    """Does this example run exactly as it was printed?"""
    return _ran(history, of, "as printed")


@check(experiments=("examples",), about="inspection")
def runs_when_given(history: History, of: str) -> Verdict:
    """Does this example run, and answer, given the names that it takes for granted?"""
    return _ran(history, of, "given what it takes for granted")


@check(experiments=("examples",), about="inspection")
def runs_in_context(history: History, of: str) -> Verdict:
    """Does this example run, and answer, given what it takes for granted and a context around?"""
    return _ran(history, of, "the same, in a context")


@check(experiments=("examples",), about="inspection")
def command_works(history: History, of: str) -> Verdict:
    """Does this command end well, run as printed in an environment of the installed releases?"""
    event = next((one for one in history.of("command-run") if one["command"] == of), None)
    if event is None:
        return inconclusive(f"no occasion: {of} was not run")
    if event["ended_well"]:
        return supported("run as printed, it ended well", event)
    missing = ""
    if event["file"] and not event["file_installed"]:
        missing = f": there is no {event['file']} there, nor in the installed flask-admin"
    return refuted(f"run as printed in an empty folder, it ended with an error{missing}", event)


# --- How histories are read -----------------------------------------------------------------------


def _named(history: History, kind: str, name: str) -> Event | None:
    return next((event for event in history.of(kind) if event["name"] == name), None)


def _distribution(history: History, name: str) -> Event | None:
    return _named(history, "distribution-found", name)


def _asked_for(history: History, where: str) -> Event | None:
    found = (one for one in history.of("session-asked-for") if one["where"] == where)
    return next(found, None)


def _derived(kind: object, of: str) -> str:
    return "" if kind == of else f", derived from {of}"


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part.isdigit())


def _address(history: History, of: str, labels: tuple[str, ...]) -> Verdict:
    name, asked = of.split()
    found = _distribution(history, name)
    if found is None:
        return inconclusive(f"no occasion: {name} is not installed")
    urls = [one.partition("=") for one in _urls(str(found["urls"]))]
    named = [url for label, _, url in urls if label in labels]
    if not named:
        return inconclusive("no occasion: its metadata names none", found)
    release = f"the metadata of {name} {found['release']}"
    if asked.rstrip("/") in (url.rstrip("/") for url in named):
        return supported(f"{release} names {asked}", found)
    return refuted(f"{release} names {named[0]}", found)


def _urls(text: str) -> list[str]:
    """Return the parts "label=address" of a list, in which labels may hold spaces."""
    parts: list[str] = []
    words: list[str] = []
    for word in text.split():
        words.append(word)
        if "=" in word:
            parts.append(" ".join(words))
            words = []
    return parts


def _ran(history: History, name: str, how: str) -> Verdict:
    runs = (one for one in history.of("example-run") if one["name"] == name)
    run = next((one for one in runs if one["how"] == how), None)
    if run is None:
        return inconclusive(f"no occasion: {name} was not run {how}")
    if run["error"]:
        line = f" in line {run['line']}" if run["line"] else ""
        return refuted(f"run {how}, it raised {run['error']}{line}", run)
    asked = (one for one in history.of("example-asked") if one["name"] == name)
    answer = next((one for one in asked if one["how"] == how), None)
    if answer is None:
        return supported(f"run {how}, it raised nothing", run)
    told = f"run {how}, it raised nothing; {answer['path']} was answered {answer['status']}"
    if answer["status"] != 200:
        return refuted(f"{told}: {answer['error']}", run, answer)
    return supported(told, run, answer)
