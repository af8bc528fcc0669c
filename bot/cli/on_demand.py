"""The modules of ``bot.commands``, each imported when a command first uses it.

Importing all of them takes two seconds; parsing a command or showing its help needs none.
Use ``on_demand.rota_check.check(...)``; never import a module's name from here.
"""

import gc
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.commands import (
        articles,
        coverage,
        customers,
        db,
        doctor,
        escalation_acts,
        escalation_export,
        escalation_show,
        escalation_verify,
        escalations,
        events,
        informed,
        manifest,
        outbox,
        person,
        policy,
        policy_show,
        reach,
        remediation,
        reminders,
        report,
        rota_calendar,
        rota_check,
        rota_example,
        rota_export,
        rota_feed,
        rota_import,
        rota_load,
        rota_sheet,
        rota_versions,
        run,
        sandbox,
        session,
        webhook,
    )

    __all__ = [
        "articles", "coverage", "customers", "db", "doctor", "escalation_acts", "escalation_export", "escalation_show",
        "escalation_verify", "escalations", "events", "informed", "manifest", "outbox", "person", "policy",
        "policy_show", "reach", "remediation", "reminders", "report", "rota_calendar", "rota_check", "rota_example",
        "rota_export", "rota_feed", "rota_import", "rota_load", "rota_sheet", "rota_versions", "run", "sandbox",
        "session", "webhook",
    ]  # fmt: skip
else:

    def __getattr__(name: str) -> ModuleType:
        """Import a module of ``bot.commands`` and return it."""
        if name.startswith("__"):
            raise AttributeError(name)
        module = import_module(f"bot.commands.{name}")
        # bot.__main__ switched the garbage collector off for the imports. What they made stays: looking through it
        # again and again would take a tenth of a second of each command.
        gc.freeze()
        gc.enable()
        return module
