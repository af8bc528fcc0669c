"""The colours of the charts. Never alone: stripes, a frame or a word say the same."""

PAPER = "#FFFFFF"
INK = "#17191C"
QUIET = "#5B616B"  # secondary text; contrast 6:1 on white
GRID = "#D5D9DF"
FREE_DAY = "#ECEFF3"  # behind the dates of Saturdays, Sundays and holidays

UNCOVERED, UNCOVERED_FILL, UNCOVERED_INK = "#D11F3A", "#FFE3E6", "#A30F27"
BELOW, BELOW_FILL, BELOW_INK = "#F0A400", "#FFF0C2", "#6B4400"
ACCEPTED, ACCEPTED_FILL, ACCEPTED_INK = "#C3C8CF", "#F1F3F5", "#5B616B"
COVERED_INK = "#146C43"

PEOPLE = (
    "#A9CDF6", "#BCE3B3", "#D6C2F5", "#9FE0DB", "#F4BFDF", "#DAD5A8",
    "#BDC6D3", "#CDEB97", "#92B8EC", "#E4C8B8", "#9ED2B8", "#C6ABDF",
)  # fmt: skip
"""Light enough for black letters, and far from the red and amber of gaps. Neighbours differ in lightness too."""
STRANGER = "#E3E5E8"
FADED = 0.55
"""How much nearer to white what is over is drawn: 1 is white."""


def person_colour(position: int) -> str:
    """Return the colour of the member at this position of the rota, from 0; the same in every chart of the rota."""
    return PEOPLE[position % len(PEOPLE)] if position >= 0 else STRANGER


def fade(colour: str) -> str:
    """Return the colour of what is over, which is nearer to white."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * FADED):02X}" for part in parts)
