"""How fast and how large: what Casebook takes, beside its peers, measured in one run."""
