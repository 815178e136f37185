"""The editor of a competition and its rounds: one form in several sections, which stores when it is saved."""

from judging.web.organiser.editor.views import bp

__all__ = ["bp"]
