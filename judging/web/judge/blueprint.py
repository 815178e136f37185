"""The judge's blueprint, and the addresses of the pages of one scoresheet."""

from flask import Blueprint

bp = Blueprint("judge", __name__, url_prefix="/judge")

SHEET = "/<competition>/<round_key>/<proposal>"
"""The address of one scoresheet, below the blueprint's."""
