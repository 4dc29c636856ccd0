"""Where a script's database is; a finding on another database takes that one's module."""
