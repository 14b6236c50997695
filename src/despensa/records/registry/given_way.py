"""
Which record of a person goes on, where two were made one: the SQL that readers share.

A record that gave way keeps its name, key and search tokens, so that an undo brings it back whole and
what it is known by still leads to the person. Source: docs/reference/formats.md, section 16.
"""

GAVE_WAY = """
    SELECT decision.later_id AS later, decision.change_id,
           CASE pair.person_a_id WHEN decision.later_id THEN pair.person_b_id
                                 ELSE pair.person_a_id END AS kept
    FROM duplicate_decision decision JOIN duplicate_pair pair ON pair.id = decision.pair_id
    WHERE decision.verdict = 1
      AND NOT EXISTS (SELECT 1 FROM household_change undo
                      WHERE undo.undoes_id = decision.change_id)
"""
"""(later, change_id, kept) of every record that gave way to another and still does."""
