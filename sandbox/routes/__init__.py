"""REST routes, one module per resource; each has a `routes` table that `sandbox.app` collects."""
