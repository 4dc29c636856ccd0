"""Drawing: a history as a timeline, an SVG, or Mermaid text."""
