"""The tracer notes which lines of some files run, each once."""

import sys
import threading

from casebook.proof.tracer import EVERYWHERE, Tracer, file_of


def test_the_lines_of_the_files_that_are_asked_for_are_noted_once(tmp_path):
    module = tmp_path / "library" / "part.py"
    module.parent.mkdir()
    module.write_text("def add(a, b):\n    c = a + b\n    return c\n", encoding="utf-8")
    space: dict = {}
    exec(compile(module.read_text(encoding="utf-8"), str(module), "exec"), space)
    tracer, before = Tracer(("library/part.py",), str(tmp_path)), sys.gettrace()
    try:
        sys.settrace(tracer.call)
        space["add"](1, 2)
        space["add"](3, 4)
    finally:
        sys.settrace(before)
        threading.settrace(None)
    noted = (tmp_path / EVERYWHERE).read_text(encoding="utf-8").splitlines()
    assert noted == ["2 library/part.py", "3 library/part.py"]


def test_a_cell_has_a_file_of_its_own():
    assert file_of("db", "overlap") == "db!overlap"
