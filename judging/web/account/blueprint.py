"""The blueprint of the pages on which people sign in and see their own account."""

from flask import Blueprint

bp = Blueprint("auth", __name__)
