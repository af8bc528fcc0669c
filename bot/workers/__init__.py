"""Threads of the running bot: the outbox, reminders, images, and the scheduler that wakes them."""
