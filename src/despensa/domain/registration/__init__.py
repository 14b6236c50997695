"""
Registration: from the rows of a file to households that may be stored, or to faults one can mend.

Decides which kind a file is, what each column means, and whether a household is whole. It does not
open files, does not know who is registered already and stores nothing.
"""
