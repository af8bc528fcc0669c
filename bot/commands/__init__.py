"""What the operator's commands do. They read settings, open the store and print; rules live in ``models``."""
