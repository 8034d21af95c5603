"""From labelled data to a model folder. The only place, with `masker.model`, that may know torch."""
