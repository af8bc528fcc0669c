"""What a reply of the webhook's receiver, or its absence, means for the operator."""

from handlers.i18n.words import N_, Words

_ADVICE = {
    "address_not_allowed": N_(
        "This address may not be called. CSP_WEBHOOK_PRIVATE=yes allows private ones; link-local ones, and this "
        "machine by another name than localhost, are never called."
    ),
    "unknown_host": N_("Its name was not found: correct CSP_WEBHOOK_URL, or look at DNS."),
    "timeout": N_("It did not answer in time: look at the receiver and the firewall."),
    "certificate": N_("Its certificate is not valid for this name, or not trusted on this machine."),
    "tls": N_("No encrypted connection came about: look at its TLS settings."),
    "connection_refused": N_("Nothing listens there: start the receiver, or correct the port."),
    "network": N_("The connection failed: look at the network and the firewall."),
    "not_http": N_("What answered does not speak HTTP/1.1."),
    "http_401": N_("It does not accept the signature: compare CSP_WEBHOOK_SECRET, and the clocks."),
    "http_403": N_("It does not accept the signature: compare CSP_WEBHOOK_SECRET, and the clocks."),
    "http_404": N_("It knows no such path: correct CSP_WEBHOOK_URL."),
    "http_410": N_("It knows no such path: correct CSP_WEBHOOK_URL."),
}
_REDIRECT = N_("Redirects are not followed: set CSP_WEBHOOK_URL to the address it leads to.")
_REFUSED = N_("It refuses the request: its own log says why.")
_AWAY = N_("It is in trouble itself: its own log says why.")


def explain(code: str, words: Words) -> str:
    """Return what an operator does about a reply."""
    kind, _, status = code.partition("_")
    if code in _ADVICE:
        return words(_ADVICE[code])
    if kind != "http":
        return words(_AWAY)
    return words({"3": _REDIRECT, "4": _REFUSED}.get(status[:1], _AWAY))
