"""Streamed answers whose body loads a relationship of rows that the view loaded before."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import WAYS, Driver
from experiments.session_scoping.rig.streaming import perform_and_read, read_both
from experiments.session_scoping.rig.tasks import stream_loaded
from experiments.session_scoping.streamed import LINES, add_posts

EXPORTED = (
    "Title,Tags\r\nFirst post,flask\r\nSecond post,\r\nThird post,sql\r\nFourth post,flask\r\n"
)


def run(trial: Trial) -> None:
    """Read Flask-Admin's export of the posts, then streams from the own route and an action."""
    driver = Driver(trial)
    driver.wire()
    add_posts(driver)
    for post, tag in ((1, 1), (3, 2), (4, 1)):
        driver.change(f"insert into post_tags (post_id, tag_id) values ({post}, {tag})")
    read_both(driver, "export", EXPORTED, "/admin/post/export/csv/")
    for way in WAYS:
        perform_and_read(driver, stream_loaded, way, LINES)
