"""Whom a typed name means at ``reach``: a member of the rota, or somebody else whom the reach file or Slack names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.rota_input import NO_NAMES, find_members, join_name, say_several
from bot.commands.session import CommandError
from handlers.i18n.rota_labels import NEAREST
from handlers.i18n.words import N_, Words
from models.rules.reach.reach_plan import EVERYBODY, ReachAddress, ReachPlan
from models.rules.rota.rota import Rota
from models.rules.toml.similar_names import find_nearest


@dataclass(frozen=True)
class ReachedPerson:
    """Somebody who may be reached by other ways than Slack."""

    name: str
    keys: tuple[str, ...]
    """What the reach file may call them."""
    user: str = ""
    """Their Slack id; empty when it is not known."""


class ReachPeople:
    """Finds people by any name that they have in the rota, in Slack or in the reach file."""

    def __init__(self, plan: ReachPlan, rota: Rota | None, slack_names: Mapping[str, str] = NO_NAMES) -> None:
        self._plan, self._rota, self._slack_names = plan, rota, slack_names
        self._members = tuple(rota.members.values()) if rota else ()

    def find(self, typed: str, words: Words) -> ReachedPerson:
        """Return who is meant: a member of the rota before others. Raises CommandError for nobody, and for several."""
        if join_name(typed) == EVERYBODY:
            return ReachedPerson(EVERYBODY, (EVERYBODY,))
        named = find_members(typed, self._rota, self._slack_names) if self._rota else []
        fitting = [self._describe(name) for name in named] or list(self._find_others(typed))
        if not fitting:
            raise self._say_unknown(typed, words)
        if len(fitting) > 1:
            raise say_several(typed, [person.name for person in fitting], words)
        return fitting[0]

    def find_addresses(self, person: ReachedPerson) -> Sequence[ReachAddress]:
        """Return the addresses of somebody, in the order in which they serve."""
        return [address for key in person.keys for address in self._plan.people.get(key, ())]

    def list_names(self) -> list[str]:
        """Return whom the file has, each as people call them."""
        return [self.name_of(key) for key in self._plan.people]

    def name_of(self, key: str) -> str:
        """Return what people call somebody of the file: as the rota has them, else Slack, else the file."""
        named = (member.name for member in self._members if member.slack_id == key)
        return next(named, self._slack_names.get(key, key))

    def find_strangers(self) -> list[str]:
        """Return the names in the file that nobody has: neither in the rota nor in Slack."""
        known_keys = {EVERYBODY, *self._slack_names, *(key for member in self._members for key in member.keys)}
        return [name for name in self._plan.people if name not in known_keys]

    def find_nearest(self, name: str) -> str:
        """Return the one member of the rota whom a name of the file probably means; empty for none and for several."""
        fitting = find_members(name, self._rota, self._slack_names) if self._rota else []
        return fitting[0] if len(fitting) == 1 else ""

    def _find_others(self, typed: str) -> Iterator[ReachedPerson]:
        """Yield people outside the rota: those of the file, and those whom Slack described."""
        part, in_rota = join_name(typed), {key for member in self._members for key in member.keys}
        for key in dict.fromkeys((*self._plan.people, *self._slack_names)):
            name = self._slack_names.get(key, key)
            if key not in in_rota and key != EVERYBODY and part and part in join_name(f"{name}\n{key}"):
                yield ReachedPerson(name, (key,), key)

    def _describe(self, name: str) -> ReachedPerson:
        member = next(member for member in self._members if member.name == name)
        return ReachedPerson(name, member.keys, member.slack_id)

    def _say_unknown(self, typed: str, words: Words) -> CommandError:
        known_names = list(dict.fromkeys([*(member.name for member in self._members), *self.list_names()]))
        if not known_names:
            says = N_("There is nobody “{name}”: there is no rota yet, and no reach file with names in it.")
            return CommandError(words(says, name=typed), code=2)
        says = words(
            N_("There is nobody “{name}”. Known are: {known}"), name=typed, known=words.join_items(known_names)
        )
        near = find_nearest(typed, known_names)
        return CommandError(f"{says}\n  {words(NEAREST, nearest=near)}" if near else says, code=2)
