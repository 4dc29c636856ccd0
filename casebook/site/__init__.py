"""The site: pages, tables, badges and downloads, drawn from reports."""
