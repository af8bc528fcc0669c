"""The pictures: drawn from made-up rotas, and looked at pixel by pixel."""
