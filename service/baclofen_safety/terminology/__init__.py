"""Tables and their look-up: code or name to ingredients, units, routes, forms and concepts."""
