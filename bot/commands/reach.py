"""``reach example | check | test | show | revoke``: other ways to people than Slack, without a look at any secret."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from bot.clock import Clock
from bot.commands.json_errors import reporting_errors
from bot.commands.member_names import find_names
from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import Row, as_json, utc
from bot.commands.reach_people import ReachedPerson, ReachPeople
from bot.commands.rota_input import content, list_faults
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.config import Requirement
from bot.database_errors import CLOSE_IT, is_open_to_others, list_file_problems
from bot.reach import other_services
from bot.reach.channel import PageText
from bot.reach.drivers import make_drivers
from bot.setting_files import REACH
from bot.setting_fixes import REACH_EXAMPLE
from handlers.i18n import reach_answers
from handlers.i18n.dates import clock_of_minutes
from handlers.i18n.reach_labels import CHANNEL, PAGE_STATUS
from handlers.i18n.rota_labels import NEAREST, describe_fault, seat_name
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationQueries
from models.oncall import rota_store
from models.outbox.page_links import PageLinks
from models.outbox.page_tries import PageTry
from models.outbox.pages import Pages
from models.rules.reach.channels import Channel
from models.rules.reach.page import HANDED_OVER, PageStatus
from models.rules.reach.reach_plan import ALL_DAY, CHINA, ReachAddress, ReachPlan
from models.rules.reach.reader import parse_reach
from models.rules.reminders import subjects
from models.rules.reminders.subjects import HandoverName, ShiftName
from models.rules.toml import document
from models.rules.toml.tables import FileFault, InvalidFile
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch

TRY_COLUMNS = ("at", "person", "subject", "channel", "address", "again", "end", "code")
ADDRESS_COLUMNS = ("person", "channel", "address", "hours", "severities", "customer_names")
TEST_COLUMNS = ("channel", "address", "end", "code", "says", "step")
FAULT_COLUMNS = ("line", "fault", "reason", "nearest")
"""What programs read of tries, of tests, of the file and of its faults: contracts."""
MOST_SHOWN = 200
"""So many tries are shown."""
OBSTACLES = {
    other_services.MISSING: N_("⚠️ apprise is not installed, so its addresses reach nobody: csp-escalate[apprise]"),
    other_services.HAS_CHANNEL: N_("⚠️ WeCom, DingTalk and Feishu have channels of their own: apprise is not used."),
}
SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")
NO_FILE = N_("No file is set: CSP_REACH_FILE. Begin with: csp-escalate reach example > reach.toml")


def example(session: Session) -> None:
    """Print the packaged example, with the comments in the operator's language."""
    name = "example.zh_CN.toml" if session.words.is_chinese else "example.toml"
    print_out(files("models.rules.reach").joinpath(name).read_text(encoding="utf-8"))


def check(session: Session, file: Path | None, form: ShowFormat) -> None:
    """List the addresses of a file, masked. Raises CommandError with code 2 for its faults."""
    words = session.words
    path = file or session.config(Requirement.DATABASE, tells_unused=False).reach_file
    if path is None:
        raise CommandError(words(NO_FILE), code=2)
    try:
        plan = parse_reach(document.decode(content(path, document.SIZE_LIMIT, words)), CHINA)
    except InvalidFile as bad:
        if form is ShowFormat.JSON:
            print_out(as_json(FAULT_COLUMNS, (_describe_fault(fault, words) for fault in bad.faults)))
        raise CommandError("\n".join(list_faults(path, bad.faults, words, REACH_EXAMPLE)), code=2) from None
    people = _find_people(session, plan)
    if form is ShowFormat.JSON:
        print_out(as_json(ADDRESS_COLUMNS, _list_addresses(plan)))
    elif any(plan.people.values()):
        session.out.print(_make_table(plan, people, words))
    else:
        says = N_("No faults, but {file} has no addresses: nobody is reached by it.")
        session.out.print_lines(words(says, file=path))
    for code in dict.fromkeys(_find_obstacles(plan)):
        session.err.print_lines(words(OBSTACLES[code]))
    if is_open_to_others(path):
        session.err.print_lines(words(CLOSE_IT, path=path))
    session.err.print_lines(*_describe_strangers(people, words))


def _describe_strangers(people: ReachPeople, words: Words) -> Iterator[str]:
    """Yield whom of the file neither the rota nor the bot knows, what that means, and who is probably meant."""
    strangers = people.find_strangers()
    for name in strangers:
        if not SLACK_ID.fullmatch(name):
            says = N_("⚠️ Neither the rota nor Slack has a “{name}”: nobody is reached by these addresses.")
            near = people.find_nearest(name)
            yield " ".join([words(says, name=name), *([words(NEAREST, nearest=near)] if near else [])])
    if ids := [name for name in strangers if SLACK_ID.fullmatch(name)]:
        says = N_(
            "Not in the rota, and not met by the bot in Slack yet: {names}. Leads among them are reached; others are "
            "not."
        )
        yield words(says, names=words.join_items(ids))


def test(session: Session, name: str, form: ShowFormat) -> None:
    """Send one message to each address of somebody. Exits with 1 where one was not accepted."""
    with reporting_errors(session, form):
        person, addresses = _find_tested(session, name)
    words, config = session.words, session.config(Requirement.DATABASE, tells_unused=False)
    drivers, rows = make_drivers(Clock(config.clock_offset_file)), list[Row]()
    theirs = _find_words(session, person.user)
    title = theirs(N_("CSP Escalate: a test"))
    text = theirs(N_("This is a test of CSP Escalate for {name}. There is nothing to do."), name=person.name)
    for address in addresses:
        answer = drivers[address.channel].send(address, PageText(str(uuid.uuid4()), text, title, speech=title))
        result = _describe_result(address.channel, answer.status, answer.code, words)
        step = reach_answers.find_step(address.channel, answer.status, answer.code, words) or ""
        rows.append((str(address.channel), address.shown, str(answer.status), answer.code, result, step))
        if form is ShowFormat.TEXT:
            said = f"{_name_address(address, words)}{words.colon}{result}"
            session.out.print_lines(said, *([f"  {step}"] if step else []))
    if form is ShowFormat.JSON:
        print_out(as_json(TEST_COLUMNS, rows))
    if {row[2] for row in rows} - {str(status) for status in HANDED_OVER}:
        raise typer.Exit(1)


def _find_tested(session: Session, name: str) -> tuple[ReachedPerson, Sequence[ReachAddress]]:
    """Return who is meant, and the addresses to try. Raises CommandError where there is nobody, or no file."""
    words, config = session.words, session.config(Requirement.DATABASE, tells_unused=False)
    if config.reach_file is None:
        raise CommandError(words(NO_FILE), code=2)
    if unused := next((unused for unused in config.unused_files if unused.key == REACH), None):
        raise CommandError("\n".join(list_file_problems(unused, words)), code=2)
    people = _find_people(session, config.reach)
    person = people.find(name, words)
    addresses = people.find_addresses(person)
    if not addresses:
        says = N_("The file has no addresses for “{name}”. It has: {known}")
        raise CommandError(words(says, name=person.name, known=words.join_items(people.list_names())), 2)
    return person, addresses


def show(session: Session, name: str | None, days: int, form: ShowFormat) -> None:
    """List the newest tries, of everybody or to one person. Raises CommandError for a stranger."""
    words, config = session.words, session.config(Requirement.DATABASE)
    now = Clock(config.clock_offset_file).now()
    with session.store() as store:
        user = _read_people(store, config.reach, now).find(name, words).user if name else None
        tries = Pages(store).find_tries(user or None, now - timedelta(days=days), MOST_SHOWN)
        find_name = find_names(store, now)
    names = {each.person: find_name(each.person) for each in tries}
    if form is ShowFormat.JSON:
        print_out(as_json(TRY_COLUMNS, (_describe_try(each, config.reach, names) for each in tries)))
        return
    headings = (N_("When"), N_("Person"), N_("About"), N_("Address"), N_("Result"))
    table = TextTable(map(words, headings), words.colon)
    for each in tries:
        address = config.reach.addresses.get(each.address)
        where = _name_address(address, words) if address else words(CHANNEL[Channel(each.channel)])
        result = _describe_result(Channel(each.channel), each.status, each.code, words)
        result = words(N_("(again) {text}"), text=result) if each.again else result
        at = f"{each.at.astimezone(config.timezone):%m-%d %H:%M:%S}"
        about = _name_subject(each.subject, config.timezone, words)
        table.add_row(at, names.get(each.person, each.person), about, where, result)
    if tries:
        session.out.print(table)
    else:
        nothing = N_("Nothing was sent outside Slack in this time. (Test messages are not kept.)")
        session.out.print_lines(words(nothing))
    session.out.print_lines(*_list_steps(tries, words))


def _describe_result(channel: Channel, status: PageStatus, code: str, words: Words) -> str:
    """Return how a try ended, and what the service answered where it did not take the message."""
    answer = reach_answers.describe_answer(channel, status, code, words)
    return f"{words(PAGE_STATUS[status])}{words.colon}{answer}" if answer else words(PAGE_STATUS[status])


def _list_steps(tries: Sequence[PageTry], words: Words) -> Iterator[str]:
    """Yield what to do about each code once, with the code in front; a code means different things by channel."""
    steps = (
        (each.code, reach_answers.find_step(Channel(each.channel), each.status, each.code, words)) for each in tries
    )
    for code, step in dict.fromkeys(steps):
        if step:
            yield f"• {code}{words.colon}{step}"


def _name_subject(subject: str, zone: ZoneInfo, words: Words) -> str:
    """Return what a page was about in a few words: of a shift or a handover also the seat and when it begins."""
    kind, _, rest = subject.partition(":")
    if f"{kind}:" == subjects.ESCALATION:
        return f"CSP-{rest}"
    if f"{kind}:" == subjects.GAP:
        return f"{words(N_('Gap'))} {rest}"
    kinds = {subjects.SHIFT: N_("shift"), subjects.HANDOVER: N_("handover")}
    what, name = words(kinds.get(f"{kind}:", N_("reminder"))), subjects.read_name(subject)
    if not isinstance(name, ShiftName | HandoverName):
        return what
    at = name.start if isinstance(name, ShiftName) else name.at
    return f"{what} {seat_name(name.place.seat, words)} {at.astimezone(zone):%m-%d %H:%M}"


def revoke(session: Session, name: str) -> None:
    """Revoke the open links of somebody. Raises CommandError for a stranger."""
    words, config = session.words, session.config(Requirement.DATABASE)
    now = Clock(config.clock_offset_file).now()
    with session.store() as store:
        person = _read_people(store, config.reach, now).find(name, words)
        count = PageLinks(store, StoreEpoch(store)).revoke(person.user, now)
    revoked = words.plural(
        "{n} link of {name} was revoked.", "{n} links of {name} were revoked.", count, name=person.name
    )
    session.out.print_lines(revoked)


def _name_address(address: ReachAddress, words: Words) -> str:
    return f"{words(CHANNEL[address.channel])} {address.shown}".strip()


def _make_table(plan: ReachPlan, people: ReachPeople, words: Words) -> TextTable:
    headings = (N_("Person"), N_("Address"), N_("At what time"), N_("Severities"), N_("Customer names"))
    table = TextTable(map(words, headings), words.colon)
    for key, addresses in plan.people.items():
        name = people.name_of(key)
        who = key if name == key else f"{name}{words.in_brackets(key)}"
        for address in addresses:
            yes_no = words(N_("yes")) if address.customer_names else words(N_("no"))
            severities = " ".join(address.severities)
            table.add_row(who, _name_address(address, words), _hours(address.hours, words), severities, yes_no)
    return table


def _list_addresses(plan: ReachPlan) -> Iterator[Row]:
    """Yield the addresses of a file for programs, masked."""
    for name, addresses in plan.people.items():
        for address in addresses:
            hours = "–".join(clock_of_minutes(minutes) for minutes in address.hours)
            severities = [str(severity) for severity in address.severities]
            yield name, str(address.channel), address.shown, hours, severities, address.customer_names


def _describe_fault(fault: FileFault, words: Words) -> Row:
    return fault.line, str(fault.kind), describe_fault(fault, words, REACH_EXAMPLE), fault.nearest


def _describe_try(each: PageTry, plan: ReachPlan, names: Mapping[str, str]) -> Row:
    """Return one try for programs; the address is masked, and empty where the file has it no more."""
    address = plan.addresses.get(each.address)
    shown = address.shown if address else ""
    return (
        utc(each.at), names.get(each.person, each.person), each.subject, str(each.channel), shown, each.again,
        str(each.status), each.code,
    )  # fmt: skip


def _hours(hours: tuple[int, int], words: Words) -> str:
    if hours == ALL_DAY:
        return words(N_("always"))
    return "–".join(map(clock_of_minutes, hours))


def _find_obstacles(plan: ReachPlan) -> Iterator[str]:
    """Yield the codes of what keeps addresses of apprise from being used."""
    for addresses in plan.people.values():
        for address in addresses:
            if address.channel is Channel.APPRISE and (code := other_services.find_obstacle(address)):
                yield code


def _find_people(session: Session, plan: ReachPlan) -> ReachPeople:
    """Return who can be found by name; without a database only whom the file names."""
    config = session.config(Requirement.DATABASE)
    if not Store(config.database_url.reveal()).exists:
        return ReachPeople(plan, None)
    with session.store() as store:
        return _read_people(store, plan, Clock(config.clock_offset_file).now())


def _read_people(store: Store, plan: ReachPlan, now: datetime) -> ReachPeople:
    return ReachPeople(plan, rota_store.rota_at(store, now), EscalationQueries(store).names_of_team())


def _find_words(session: Session, user: str) -> Words:
    """Return the language of somebody (a Slack id) as Slack told it; the operator's where it never did."""
    if not user or not Store(session.config(Requirement.DATABASE).database_url.reveal()).exists:
        return session.words
    with session.store() as store:
        met = EscalationQueries(store).person(user)
    return Words.of(met[0].language) if met else session.words
