"""Books: the tables, each app in exactly one database. No rules, no save() overrides, no signals."""
