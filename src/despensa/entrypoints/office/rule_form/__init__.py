"""The form of the rule builder: a rule file as fields, and what was typed as a rule file again."""
