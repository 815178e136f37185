"""What the API answers with; its OpenAPI document is made from here."""
