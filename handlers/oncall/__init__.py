"""Conversations about the rota, one file per topic; ``handlers.routes`` connects them."""
