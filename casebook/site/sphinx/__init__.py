"""What the site adds to Sphinx: a domain of claims and findings, and repairs of the theme."""
