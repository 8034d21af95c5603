"""What a model is worth: figures on held-out rows, one concept a module, and the page that shows them."""
