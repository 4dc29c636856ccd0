"""Rules that the database keeps by itself, which no validator of the application knows.

It refuses rows that are called `REFUSED`, and to delete those that are called `KEPT`; no row is at
first. PostgreSQL also refuses to commit while somebody holds a lock.
"""

REFUSED, KEPT = "Refused", "Kept"
"""What no user, post or tag of a post may be called, and what stands in rows that must stay."""

REFUSED_TAG = 33
"""The key of a tag that no post may have; at first there is no tag with this key."""

LOCK = 11
"""The number of the lock that PostgreSQL asks for before it commits a changed row."""

TEXTS = {'"user"': "name", "post": "title"}

RULES = (
    *(
        (table, "insert or update", f"new.{column} = '{REFUSED}'")
        for table, column in TEXTS.items()
    ),
    *((table, "delete", f"old.{column} = '{KEPT}'") for table, column in TEXTS.items()),
    ("post_tags", "insert", f"new.tag_id = {REFUSED_TAG}"),
)
"""Of each rule the table, the changes that it is about, and when it refuses them."""

SQLITE = tuple(
    f"create trigger rule_{number}_{what} before {what} on {table} when {refuses}"
    " begin select raise(abort, 'a rule of the database refuses it'); end"
    for number, (table, changes, refuses) in enumerate(RULES)
    for what in changes.split(" or ")
)

POSTGRESQL = (
    "create function refuse() returns trigger language plpgsql as $$ begin"
    " raise 'a rule of the database refuses it' using errcode = 'integrity_constraint_violation';"
    " end $$",
    *(
        f"create trigger rule_{number} before {changes} on {table}"
        f" for each row when ({refuses}) execute function refuse()"
        for number, (table, changes, refuses) in enumerate(RULES)
    ),
    "create function refuse_commit() returns trigger language plpgsql as $$ begin"
    f" if not pg_try_advisory_xact_lock_shared({LOCK}) then"
    " raise 'the database refuses to commit' using errcode = 'serialization_failure';"
    " end if; return null; end $$",
    *(
        f"create constraint trigger rule_on_commit after insert or update or delete on {table}"
        " deferrable initially deferred for each row execute function refuse_commit()"
        for table in ('"user"', "post", "tag", "post_tags")
    ),
)
