"""Pictures of the rota, for people who look at a phone. What is drawn is a ``scene``; only ``brush`` can draw one."""
