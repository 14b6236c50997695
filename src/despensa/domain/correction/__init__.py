"""Corrections of what is recorded about a person: what may be asked, by whom, and what it changes."""
