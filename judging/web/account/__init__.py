"""Signing in and out, a person's own account, second factors and their confirmation."""
