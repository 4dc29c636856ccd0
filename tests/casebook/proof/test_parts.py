"""A script's parts: each stands after those that it needs, and nothing stands twice."""

import pytest

from casebook.plan.mistakes import PlanError
from casebook.proof.parts import Collected, Modules
from tests.casebook.proof.builders import text_of


def test_two_things_of_one_name_are_refused(tiny):
    tiny.write("experiments/tiny/other.py", "def by_hand():\n    return None\n")
    tiny.run("dictionary")
    tiny.replace(
        "experiments/tiny/reproductions.py",
        "from experiments.tiny.backends.dictionary import by_hand",
        "from experiments.tiny.other import by_hand",
    )
    with pytest.raises(PlanError, match="by_hand: a script would hold two parts of this name"):
        text_of(tiny, "no-warnings", "kept-apart")


def test_a_stand_in_takes_the_place_of_what_a_pattern_imports(tiny):
    tiny.run("dictionary")
    tiny.replace(
        "experiments/tiny/reproductions.py",
        "from experiments.tiny.desk import Desk\n",
        'Desk = dict\nCount = "anything that counts"\n"""What a desk is handed."""\n',
    )
    text = text_of(tiny, "counts-apart", "kept-apart")
    assert 'Count = "anything that counts"\n"""What a desk is handed."""' in text
    assert "Callable" not in text


def test_parts_stand_after_those_that_they_need(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "one.py").write_text(
        "import os\nfrom own.two import BASE, base as base\n\n"
        "def f(value=BASE):\n    return g(value, os.sep)\n\n"
        "def g(*all):\n    return f if all else LATER\n\nLATER: int = 1\n"
    )
    (tmp_path / "own" / "two.py").write_text("BASE = 2\n\nUNUSED = 3\n")
    collected = Collected(Modules(tmp_path), "own", lambda name, imported: None)
    part = collected.add("own.one", "f")
    texts = [one.text for one in collected.parts]
    assert texts[0] == "BASE = 2"
    assert set(texts) == {
        "BASE = 2",
        "LATER: int = 1",
        part.text,
        collected.modules["own.one"].parts["g"].text,
    }
    assert collected.lines() == ["import os"]
    assert not collected.is_free(part)  # BASE must be there when it is defined
