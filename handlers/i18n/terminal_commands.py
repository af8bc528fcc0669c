"""The commands of the terminal that messages name for one case: each is whole, and can be typed as it stands.

``{person}`` is a member of the rota. Words in capitals, in Chinese those for a text or a number, are replaced.
"""

import re
from collections.abc import Mapping

from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import AwaitedStep
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.transitions import missing_before_filing

SHOW = N_("csp-escalate escalations show {case}")
APPROVE = N_("csp-escalate escalations do {case} approve --as {person}")
ANSWER = N_("csp-escalate escalations do {case} answer {field} TEXT --as {person}")
NOTE = N_("csp-escalate escalations do {case} note TEXT --as {person}")
INFORM = N_("csp-escalate escalations do {case} informed phone --as {person}")
OF_STEP: Mapping[AwaitedStep, str] = {
    AwaitedStep.ACKNOWLEDGEMENT: N_("csp-escalate escalations do {case} acknowledge --as {person}"),
    AwaitedStep.NUMBER: N_("csp-escalate escalations do {case} number NUMBER --as {person}"),
    AwaitedStep.SOLUTION: N_("csp-escalate escalations do {case} resolve TEXT --as {person}"),
    AwaitedStep.SENT_BACK: N_("csp-escalate escalations do {case} ask-lead TEXT --as {person}"),
    AwaitedStep.OURS: N_("csp-escalate escalations do {case} 21v --as {person}"),
    AwaitedStep.FIRST_ANSWER: NOTE,
    AwaitedStep.ANSWER: NOTE,
    AwaitedStep.CUSTOMER: NOTE,
    AwaitedStep.PROMISE: INFORM,
    AwaitedStep.INFORMING: INFORM,
    AwaitedStep.CLOSING: N_("csp-escalate escalations do {case} close --as {person}"),
}
"""What records the step that a case waits for."""
SOMEBODY = N_("MEMBER")
_PLAIN = re.compile(r"[\w.@-]+")


def write_show(case: str, words: Words) -> str:
    """Return the command that shows a case, such as CSP-7."""
    return words(SHOW, case=case)


def write_move(command: str, case: str, person: str, words: Words) -> str:
    """Return one of the commands above. Without a person it has a word in their place."""
    return words(command, case=case, person=write_person(person, words))


def write_answers(case: Escalation, person: str, words: Words) -> list[str]:
    """Return one command for each answer that is missing before the number can be recorded."""
    return [
        words(ANSWER, case=case.name, field=name_field(field, words), person=write_person(person, words))
        for field in missing_before_filing(case)
    ]


def write_next(case: Escalation, step: AwaitedStep | None, person: str, words: Words) -> str:
    """Return the one command that works now and brings a case further; that which shows it where there is none."""
    answers = write_answers(case, person, words) if step is AwaitedStep.NUMBER else []
    if answers:
        return answers[0]
    return write_move(OF_STEP[step], case.name, person, words) if step else write_show(case.name, words)


def name_field(field: str, words: Words) -> str:
    """Return how an answer is called behind ``answer``: by its key, in Chinese by its name."""
    return words(labels.LISTED[field]) if words.is_chinese else field


def write_person(person: str, words: Words) -> str:
    """Return a member of the rota as a shell takes it."""
    if not person:
        return words(SOMEBODY)
    return person if _PLAIN.fullmatch(person) else "'" + person.replace("'", "'\\''") + "'"
