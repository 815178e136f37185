"""Commands about a competition in the database: its definition, people, rounds and files."""
