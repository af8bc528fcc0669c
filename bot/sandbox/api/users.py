"""The ``users.*`` and ``usergroups.*`` methods, and ``auth.test``."""

from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.errors import SlackError
from bot.sandbox.json_types import Json
from bot.sandbox.people import SandboxUser, SandboxUserGroup


def auth_test(call: ApiCall) -> Json:
    """Describe the bot of the token."""
    workspace = call.slack.workspace
    return {
        "ok": True,
        "url": f"{call.slack.base_url}/",
        "team": workspace.team_name,
        "team_id": workspace.team_id,
        "user": workspace.people[workspace.bot_user].name,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def users_info(call: ApiCall) -> Json:
    """Describe a person."""
    person = call.slack.workspace.people.get(call.need("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"ok": True, "user": _user_object(call, person)}


def users_list(call: ApiCall) -> Json:
    """List the people of the workspace."""
    people, cursor = call.page_of(list(call.slack.workspace.people.values()), 1000)
    return {"ok": True, "members": [_user_object(call, person) for person in people], **cursor}


def lookup_by_email(call: ApiCall) -> Json:
    """Find a person by e-mail address."""
    person = call.slack.workspace.person_by_email(call.need("email"))
    if person is None:
        raise SlackError("users_not_found")
    return {"ok": True, "user": _user_object(call, person)}


def groups_list(call: ApiCall) -> Json:
    """List the user groups."""
    groups = call.slack.workspace.groups.values()
    shown = [group for group in groups if group.enabled or call.flag("include_disabled")]
    with_users = call.flag("include_users")
    now = call.slack.clock.now()
    return {"ok": True, "usergroups": [group.group_object(now, with_users=with_users) for group in shown]}


def group_users_list(call: ApiCall) -> Json:
    """List the members of a user group."""
    group = _group(call)
    if not group.enabled and not call.flag("include_disabled"):
        raise SlackError("no_such_subteam")
    return {"ok": True, "users": list(group.users)}


def group_users_update(call: ApiCall) -> Json:
    """Replace the whole list of members. An empty one is refused, and so is anybody who can't be a member."""
    group = _group(call)
    wanted = call.args.get("users") or ""
    users = (
        list(wanted) if isinstance(wanted, list) else [user_id for user_id in str(wanted).split(",") if user_id.strip()]
    )
    if not users:
        raise SlackError("no_users_provided")
    if call.slack.settings.closed_groups:
        raise SlackError("permission_denied")
    for user in users:
        _check_member(call, user.strip())
    group.users = list(dict.fromkeys(user.strip() for user in users))
    return _changed(call, group)


def group_enable(call: ApiCall) -> Json:
    """Enable a user group."""
    group = _group(call)
    group.enabled = True
    return _changed(call, group)


def group_disable(call: ApiCall) -> Json:
    """Disable a user group."""
    group = _group(call)
    group.enabled = False
    return _changed(call, group)


def _group(call: ApiCall) -> SandboxUserGroup:
    group = call.slack.workspace.groups.get(call.need("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return group


def _check_member(call: ApiCall, user: str) -> None:
    """Refuse people who can't be in a user group, by Slack's error for each."""
    person = call.slack.workspace.people.get(user)
    if person is None or person.is_deleted:
        raise SlackError("invalid_users")
    if person.is_bot:
        raise SlackError("invalid_user")
    if person.is_stranger:
        raise SlackError("failed_for_some_users")
    if person.is_single_channel_guest:
        raise SlackError("single_channel_guests_cannot_be_added")
    if person.is_guest:
        raise SlackError("invalid_user")


def _changed(call: ApiCall, group: SandboxUserGroup) -> Json:
    group.updated_by = call.slack.workspace.bot_user
    call.slack.notices.changed()
    group_object = group.group_object(call.slack.clock.now(), with_users=True)
    call.slack.emit("subteam_updated", {"subteam": group_object})
    return {"ok": True, "usergroup": group_object}


def _user_object(call: ApiCall, person: SandboxUser) -> Json:
    with_email = "users:read.email" in call.slack.scopes()
    return person.user_object(call.slack.clock.now(), with_locale=call.flag("include_locale"), with_email=with_email)


READ, WRITE = ("usergroups:read",), ("usergroups:write",)
PEOPLE = {
    "auth.test": ApiMethod(auth_test, "special", ""),
    "users.info": ApiMethod(users_info, "tier4", "user include_locale", ("users:read",)),
    "users.list": ApiMethod(users_list, "tier2", "cursor limit include_locale team_id", ("users:read",)),
    "users.lookupByEmail": ApiMethod(lookup_by_email, "tier3", "email", ("users:read.email",)),
    "usergroups.list": ApiMethod(groups_list, "tier2", "include_users include_disabled include_count team_id", READ),
    "usergroups.users.list": ApiMethod(group_users_list, "tier2", "usergroup include_disabled team_id", READ),
    "usergroups.users.update": ApiMethod(
        group_users_update,
        "tier2",
        "usergroup users include_count team_id additional_channels is_shared",
        WRITE,
    ),
    "usergroups.enable": ApiMethod(group_enable, "tier2", "usergroup include_count team_id", WRITE),
    "usergroups.disable": ApiMethod(group_disable, "tier2", "usergroup include_count team_id", WRITE),
}
