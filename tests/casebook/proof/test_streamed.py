"""Each answer of an order is passed on as a line of its own."""

import json

from casebook.proof import streamed


def test_an_answer_is_one_line_of_json(capsys):
    streamed._say({"unavailable": "no such\nmodule"})
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert json.loads(line) == {"unavailable": "no such\nmodule"}
