"""Many-facet Rasch measurement."""
