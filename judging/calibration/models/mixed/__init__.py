"""Crossed random effects, estimated by REML."""
