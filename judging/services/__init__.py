"""Use cases: what a person asks for, checked, done and audited in the caller's transaction.

Every function takes the session first and never commits; whoever opened the transaction ends it. The second argument
of whatever reads or writes on somebody's behalf is the :class:`~judging.services.access.Actor`, and roles are checked
here, not only in pages.
"""
