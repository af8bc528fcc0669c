"""The names of channels and of the statuses of pages."""

from handlers.i18n.words import N_
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageStatus

CHANNEL = {
    Channel.WECOM_APP: N_("WeCom"),
    Channel.WECOM_BOT: N_("WeCom group robot"),
    Channel.DINGTALK_BOT: N_("DingTalk group robot"),
    Channel.FEISHU_BOT: N_("Feishu group robot"),
    Channel.FEISHU_APP: N_("Feishu"),
    Channel.EMAIL: N_("E-mail"),
    Channel.HOOK: N_("Phone or SMS"),
    Channel.APPRISE: N_("Other service (apprise)"),
}
TOLD = {
    Channel.WECOM_APP: N_("Told by WeCom at {time}."),
    Channel.WECOM_BOT: N_("Told by the WeCom group robot at {time}."),
    Channel.DINGTALK_BOT: N_("Told by the DingTalk group robot at {time}."),
    Channel.FEISHU_BOT: N_("Told by the Feishu group robot at {time}."),
    Channel.FEISHU_APP: N_("Told by Feishu at {time}."),
    Channel.EMAIL: N_("Told by e-mail at {time}."),
    Channel.HOOK: N_("Told by phone or SMS at {time}."),
    Channel.APPRISE: N_("Told by another service at {time}."),
}
"""What messages in Slack say of a person who was told by a channel meanwhile."""
WAS_TOLD = {
    Channel.WECOM_APP: N_("{name} was told by WeCom"),
    Channel.WECOM_BOT: N_("{name} was told by the WeCom group robot"),
    Channel.DINGTALK_BOT: N_("{name} was told by the DingTalk group robot"),
    Channel.FEISHU_BOT: N_("{name} was told by the Feishu group robot"),
    Channel.FEISHU_APP: N_("{name} was told by Feishu"),
    Channel.EMAIL: N_("{name} was told by e-mail"),
    Channel.HOOK: N_("{name} was told by phone or SMS"),
    Channel.APPRISE: N_("{name} was told by another service"),
}
"""What a history says of a person who was told by a channel."""
OUTSIDE = N_("Told outside Slack")
PAGE_STATUS = {
    PageStatus.ACCEPTED: N_("accepted by the service"),
    PageStatus.DELIVERED: N_("delivered"),
    PageStatus.OPENED: N_("link opened"),
    PageStatus.ACTED: N_("acted by link"),
    PageStatus.REFUSED: N_("refused by the service"),
    PageStatus.UNKNOWN: N_("outcome unknown"),
}
