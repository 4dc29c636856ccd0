"""What investigations share: each imports what it needs, and is digested with it."""
