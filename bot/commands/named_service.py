"""The service and the workload that a raised case names: by key, or by any of their names in either language."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.commands.rota_input import join_name
from bot.commands.session import CommandError
from handlers.i18n.words import N_, Words
from models.rules.escalations.request import Request
from models.rules.policy.vendor import CloudService, VendorPolicy, Workload


def read_service(request: Request, policy: VendorPolicy, words: Words) -> Request:
    """Return a request with the key of its service, and its workload as stored.

    A workload in place of a service is taken for both. Raises CommandError with code 2 for what the rules do not name.
    """
    answers: Mapping[str, Any] = request.answers
    key, workload = request.service, str(answers.get("workload", ""))
    if key and key not in policy.services:
        key, in_its_place = _find(key, policy.services.values()) or _refuse_service(key, policy, words)
        workload = workload or in_its_place
    if workload:
        workload = _find_workload(workload, policy.service(key), words)
    named = {"workload": workload} if workload else {}
    return request.model_copy(update={"service": key, "answers": {**answers, **named}})


def _find(typed: str, services: Iterable[CloudService]) -> tuple[str, str] | None:
    """Return the key of a service, and the workload if one was typed in its place; None for none and for several."""
    wanted, services = join_name(typed), list(services)
    fitting = [(service.key, "") for service in services if wanted in _spell_service(service)]
    fitting = fitting or [
        (service.key, workload.name)
        for service in services
        for workload in service.workloads
        if wanted in _spell_workload(workload)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _spell_service(service: CloudService) -> set[str]:
    """Return how a service may be called: “Microsoft 365 / Office 365” has two names."""
    names = {part for name in (service.en, service.zh) for part in (name, *name.split(" / "))}
    return {join_name(name) for name in (service.key, *names)}


def _spell_workload(workload: Workload) -> set[str]:
    return {join_name(workload.name), join_name(workload.zh)}


def _find_workload(typed: str, service: CloudService, words: Words) -> str:
    wanted = join_name(typed)
    stored_name = next((each.name for each in service.workloads if wanted in _spell_workload(each)), None)
    if stored_name is None:
        says = N_("This service has no workload {workload}. Possible are: {possible}")
        possible = words.join_items(service.workload_names) or "–"
        raise CommandError(words(says, workload=typed, possible=possible), code=2)
    return stored_name


def _refuse_service(typed: str, policy: VendorPolicy, words: Words) -> tuple[str, str]:
    """Raise CommandError with code 2 that lists the services."""
    says = N_("No such service: {service}. Possible are: {possible}")
    named = [f"{key} ({words.pick(service.en, service.zh)})" for key, service in policy.services.items()]
    raise CommandError(words(says, service=typed, possible=words.join_items(named)), code=2)
