"""Files that tests import, and files that they export: small tables, workbooks, the data of the tests."""
