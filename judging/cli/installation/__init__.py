"""Commands for whoever runs the service: its database, its audit log."""
