"""Use cases: actions of a person, which are checked, done and audited in the caller's transaction.

Every function takes the session first and never commits; the caller ends the transaction. The second argument of
functions that read or write for a person is the :class:`~judging.services.access.Actor`; roles are checked here,
not only in pages.
"""
