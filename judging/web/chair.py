"""Pages."""

from flask import Blueprint

bp = Blueprint("chair", __name__)
