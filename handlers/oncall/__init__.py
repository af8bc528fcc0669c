"""The conversation about the rota: one file per journey, wired together here by nobody but ``handlers.routes``."""
