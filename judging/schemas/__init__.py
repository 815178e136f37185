"""The boundary: untrusted text in, a domain object or a list of complaints out. marshmallow and yaml stop here."""
