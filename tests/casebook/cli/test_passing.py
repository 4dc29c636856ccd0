"""The passing line: seen on a terminal alone, and gone at the end."""

from casebook.cli.passing import Passing


def test_a_line_takes_the_place_of_the_one_before_and_is_gone_at_the_end(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with Passing("1.3  ") as passing:
        passing.show("3 of 9 cells")
    start = "\r\x1b[K"
    assert capsys.readouterr().out == f"{start}1.3  3 of 9 cells{start}"


def test_a_long_line_stays_on_one_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "10")
    Passing().show("x" * 50)
    assert capsys.readouterr().out.count("x") == 9


def test_nothing_is_shown_where_nobody_looks(capsys):
    with Passing() as passing:
        passing.show("3 of 9 cells")
    assert capsys.readouterr().out == ""
