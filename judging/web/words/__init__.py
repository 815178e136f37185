"""What pages say about runs, rules and the audit log, in words."""
