"""The webhook: every move goes as signed JSON to one address of the operator's, after that address was checked."""
