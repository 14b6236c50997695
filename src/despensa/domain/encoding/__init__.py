"""Byte formats shared by everything that is stored or exchanged (FORMATS.md, Conventions)."""
