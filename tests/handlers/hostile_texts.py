"""What people type, on purpose or not: texts that break cards, ring for everybody, or pretend to be ours."""

TEXTS = {
    "plain": "邮件无法送达 mail bounces",
    "long": "长" * 3000,
    "ampersands": "&" * 3000,
    "no spaces": "x" * 3000,
    "families": "👨‍👩‍👧‍👦" * 400,
    "skin and flags": "👍🏽🇨🇳🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 150,
    "accents": "e\u0301\u0323" * 900,
    "right to left": "שלום עולם \u202eمرحبا\u202c " * 100,
    "line breaks": "first" + "\n" * 1000 + "last",
    "broadcast": "<!channel> <!here> <!everyone> <!subteam^S0ONCALL|@csp-oncall> @channel @here",
    "mentions": "<@U0EMMA> <@U0TOM|tom> <#C0ESCAL> @emma",
    "links": "<https://evil.example/|Partner Center> https://evil.example mailto:a@evil.example",
    "dates": "<!date^0^{date}^https://evil.example|yesterday>",
    "markup": "*bold* _it_ ~gone~ `code` ```block``` \n> quote\n• list :tada:",
    "entities": "&amp; &lt;!channel&gt; &amp;lt;",
    "format strings": "{name} {0.__class__} {} %s %(x)s $HOME \\n",
    "control": "a\x00b\x07c\x1bd\x85e\u2028f",
    "json": '{"n": 1, "v": 2}"]}',
}
"""Each at most 3,000 characters, as Slack's own input fields allow."""
