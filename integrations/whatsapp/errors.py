"""What to do about each of Meta's error codes, as data.

Matched on `error.code` alone: titles, texts and HTTP statuses change without notice. Where two published rules compete
the stricter one stands here (fewer automatic tries): a message that reached a customer twice cannot be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.reason import Reason, define
from core.text import one_line


class Action(StrEnum):
    FAIL = "fail"  # this message failed; never resent by itself
    RETRY = "retry"  # at most `tries` automatic tries, 5 s to 10 min apart
    HOLD = "hold"  # the whole queue waits (Retry-After, else `seconds`, growing, with jitter); nothing fails
    HOLD_1 = "hold_1"  # only this recipient waits, 4^n seconds
    PAUSE = "pause"  # the whole queue stops until a person has acted; nothing is burnt
    WAIT = "wait"  # failed now; a person may resend after `seconds`


@dataclass(frozen=True)
class Rule:
    """`fails_row`: a PAUSE that fails the message which met it. `seconds`: see `Action`."""

    action: Action
    words: str
    tries: int = 0
    seconds: int = 0
    fails_row: bool = False


FAIL, RETRY, HOLD, HOLD_1, PAUSE, WAIT = Action

UNKNOWN = Rule(FAIL, "WhatsApp refused this message.")

_TOKEN = Rule(PAUSE, "WhatsApp no longer accepts our access token. An administrator must enter a new one.")
_PERMISSION = Rule(PAUSE, "Our access to WhatsApp lacks a permission. An administrator must fix it.")
_RATE = Rule(HOLD, "WhatsApp limits how much we may do at the moment. Sending goes on by itself.", seconds=300)
_BUSY = Rule(RETRY, "WhatsApp is overloaded at the moment.", tries=5)
_LOCKED = Rule(
    PAUSE,
    "WhatsApp has locked this account or found a policy violation. See the Business Manager.",
    fails_row=True,
)
_PAYMENT = Rule(PAUSE, "WhatsApp reports a problem with the payment method of this account.")
_GROUP = Rule(FAIL, "WhatsApp does not allow this in the group.")
_VALUE = Rule(FAIL, "WhatsApp refused this message because a value is missing or wrong.")
_NUMBER = Rule(FAIL, "Our number is not registered with WhatsApp.")
_MARKETING_API = Rule(FAIL, "This message needs the Marketing Messages API, which is not set up.")
_TEMPLATE = Rule(FAIL, "WhatsApp refused the template or the values filled into it.")
_REGISTRATION = Rule(FAIL, "The registration of our number with WhatsApp has a problem.")
_CALLS = Rule(FAIL, "WhatsApp refused this call.")
_BLOCK_LIST = Rule(FAIL, "WhatsApp could not change the list of blocked people.")
_TEMPLATE_ADMIN = Rule(FAIL, "WhatsApp refused to create the template or to move the number.")
_PHONE_SYNC = Rule(FAIL, "The phone app's history or contacts cannot be shared (any more).")

RULES: dict[int, Rule] = {
    0: _TOKEN,
    190: _TOKEN,
    1: Rule(RETRY, "WhatsApp could not handle this message.", tries=1),
    2: _BUSY,
    131016: _BUSY,
    3: _PERMISSION,
    10: _PERMISSION,
    131005: _PERMISSION,
    4: _RATE,
    80007: _RATE,
    33: Rule(FAIL, "Our number was deleted at WhatsApp, or we have lost access to it."),
    100: Rule(FAIL, "WhatsApp refused this message: a value is wrong or a file has expired."),
    368: _LOCKED,
    131031: _LOCKED,
    613: Rule(WAIT, "Too many calls at the moment.", seconds=3600),
    130403: Rule(FAIL, "We have blocked this person."),
    130429: Rule(HOLD, "We send faster than WhatsApp allows. Sending goes on by itself.", seconds=10),
    130472: Rule(FAIL, "WhatsApp chose not to deliver this message (an experiment of Meta's)."),
    130497: Rule(FAIL, "WhatsApp does not let this account write to that country."),
    131000: Rule(RETRY, "Something went wrong at WhatsApp.", tries=3),
    131008: _VALUE,
    131009: _VALUE,
    131020: _GROUP,
    131041: _GROUP,
    131059: _GROUP,
    131021: Rule(FAIL, "This is our own number."),
    131026: Rule(
        FAIL, "Cannot be delivered: this person is not on WhatsApp, uses an old version, or has not accepted the terms."
    ),
    131030: Rule(FAIL, "This is a test number, and the recipient is not in its list of allowed numbers."),
    131037: Rule(FAIL, "The display name of our number is not approved yet."),
    131042: _PAYMENT,
    131044: _PAYMENT,
    131045: _NUMBER,
    133010: _NUMBER,
    131047: Rule(
        FAIL,
        "More than 24 hours have passed since the customer's last message. Send a template instead."
    ),
    131048: Rule(
        WAIT,
        "WhatsApp restricts our number because people reported it as spam. Try again later.",
        seconds=3600
    ),
    131049: Rule(
        WAIT,
        "WhatsApp did not deliver this message, to limit business messages. Try again after 24 hours at the earliest.",
        seconds=24 * 3600,
    ),
    131050: Rule(FAIL, "This person does not want marketing messages."),
    131051: Rule(FAIL, "WhatsApp does not support this kind of message."),
    131052: Rule(FAIL, "The file could not be fetched or is too large. Ask the customer to send it again."),
    131053: Rule(FAIL, "WhatsApp refused our file (type, size or encoding)."),
    131055: _MARKETING_API,
    131056: Rule(HOLD_1, "Too many messages to this person in a short time. Sending goes on by itself.", seconds=4),
    131057: Rule(HOLD, "WhatsApp is doing maintenance on our account. Sending goes on by itself.", seconds=120),
    131060: Rule(FAIL, "This message is not available here yet. Look at the phone."),
    131062: Rule(FAIL, "This message can only be sent to a phone number, and this person's is not known."),
    131063: Rule(FAIL, "Marketing messages are switched off for this account."),
    131064: Rule(WAIT, "WhatsApp limits our templates because they were put in a wrong category.", seconds=24 * 3600),
    132000: Rule(FAIL, "The number of values does not match the template."),
    132001: Rule(FAIL, "This template does not exist or is not approved in this language."),
    132005: _TEMPLATE,
    132007: _TEMPLATE,
    132008: _TEMPLATE,
    132012: _TEMPLATE,
    132018: _TEMPLATE,
    132015: Rule(WAIT, "This template is paused because of low quality.", seconds=3 * 3600),
    132016: Rule(FAIL, "This template is disabled for good because of low quality."),
    132068: Rule(FAIL, "The form in this template is blocked."),
    132069: Rule(WAIT, "The form in this template is limited at the moment.", seconds=3600),
    134011: Rule(FAIL, "The terms of WhatsApp payments have not been accepted."),
    135000: _VALUE,
    137000: Rule(FAIL, "The customer's security code has changed. Check that it is the same person, then send again."),
    2593107: _PHONE_SYNC,
    2593108: _PHONE_SYNC,
    2593109: _PHONE_SYNC,
}

# Looked at after RULES, which holds the exceptions.
RANGES: tuple[tuple[range, Rule], ...] = (
    (range(200, 300), _PERMISSION),
    (range(131200, 131300), _GROUP),
    (range(133000, 133017), _REGISTRATION),
    (range(134100, 134103), _MARKETING_API),
    (range(138000, 138019), _CALLS),
    (range(139100, 139104), _BLOCK_LIST),
    (range(2388000, 2389000), _TEMPLATE_ADMIN),
)


def rule_for(code: int | None) -> Rule:
    """The rule of a code; unknown and missing codes fail and are shown."""
    if code is None:
        return UNKNOWN
    if code in RULES:
        return RULES[code]
    return next((rule for codes, rule in RANGES if code in codes), UNKNOWN)


def describe(code: int | None, details: str = "") -> Reason:
    """For staff: our words, Meta's details where we have none of our own, and the code to look up."""
    said = one_line(details, 300)
    name = _name(code)
    why = Reason("meta.unknown_said", said=said) if name == "unknown" and said else Reason(f"meta.{name}")
    return why if code is None else Reason("meta.numbered", why=why, number=code)


def _name(code: int | None) -> str:
    """Of the rule: its code, or the first of its range."""
    if code is None:
        return "unknown"
    if code in RULES:
        return str(code)
    return next((str(codes.start) for codes, _ in RANGES if code in codes), "unknown")


define({f"meta.{code}": rule.words for code, rule in RULES.items()})
define({f"meta.{codes.start}": rule.words for codes, rule in RANGES})
define({"meta.unknown": UNKNOWN.words, "meta.unknown_said": "WhatsApp refused this message. {said}"})
define({"meta.numbered": "{why} ({number})"})
