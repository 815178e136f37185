"""Pages."""

from flask import Blueprint

bp = Blueprint("judge", __name__)
