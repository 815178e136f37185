"""Files as sheets of cells, whatever their container and encoding."""
