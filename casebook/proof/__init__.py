"""Proof: faults that must turn findings, and scripts that reproduce findings elsewhere."""
