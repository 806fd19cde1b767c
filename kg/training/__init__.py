"""How the event tagger is made: the written corpus, and the fitting of the model on it. Nothing here is needed to use it."""
