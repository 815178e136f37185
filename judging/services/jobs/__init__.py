"""Jobs: asked for by people, done by workers, followed on a page."""
