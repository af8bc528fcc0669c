"""The drivers of all channels."""

from collections.abc import Mapping

from bot.clock import Clock
from bot.reach.channel import ChannelDriver
from bot.reach.dingtalk import DingtalkBot
from bot.reach.email_message import Email
from bot.reach.feishu import FeishuBot
from bot.reach.feishu_app import FeishuApp
from bot.reach.json_request import FindTransport, JsonRequests, Transports
from bot.reach.other_services import OtherServices
from bot.reach.signed_hook import SignedHook
from bot.reach.wecom import WecomApp, WecomBot
from models.rules.reach.channels import Channel


def make_drivers(clock: Clock, find_transport: FindTransport | None = None) -> Mapping[Channel, ChannelDriver]:
    """Return a driver for each channel. Only a simulation gives its own transport."""
    requests = JsonRequests(find_transport or Transports(clock).find)
    return {
        Channel.WECOM_APP: WecomApp(requests, clock),
        Channel.WECOM_BOT: WecomBot(requests),
        Channel.DINGTALK_BOT: DingtalkBot(requests, clock),
        Channel.FEISHU_BOT: FeishuBot(requests, clock),
        Channel.FEISHU_APP: FeishuApp(requests, clock),
        Channel.EMAIL: Email(clock),
        Channel.HOOK: SignedHook(requests, clock),
        Channel.APPRISE: OtherServices(),
    }
