"""A learned reader of events beside the frames: triggers, who does what to whom, and how real it is."""
