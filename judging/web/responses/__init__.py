"""What every page is sent with: headers, compression, error pages, and parts that are remembered."""
