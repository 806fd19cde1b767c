"""A language model behind an OpenAI-compatible endpoint as a third reader of events; off unless the settings name one."""
