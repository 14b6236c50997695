"""The workspace folder: found, made and read. Source: docs/reference/formats.md, section 10."""
