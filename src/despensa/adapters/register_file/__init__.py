"""
Register files: read the three kinds, write our template, the faulty rows and the demo's register.

Everything here works on files alone; it needs no workspace, no database and no key.
"""
