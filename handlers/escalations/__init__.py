"""Conversations about escalations: the form, the buttons of the card, and the views."""
