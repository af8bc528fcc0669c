"""The reminders and cards of the duty, each drawn from what holds when it is sent: None when nothing is left to say."""
