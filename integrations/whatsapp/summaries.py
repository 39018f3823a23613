"""Every sentence that reading and calling WhatsApp makes for people, in one place so that it can be translated.

Those about Meta's error codes are in `whatsapp_errors.py`, those about the network in `http.py`.
"""

from __future__ import annotations

SUMMARIES = {
    "text.empty": "(empty message)",
    "media.missing": "{kind}: {reason}",
    "image": "Photo",
    "video": "Video",
    "audio": "Audio",
    "voice": "Voice message",
    "document": "Document",
    "sticker": "Sticker",
    "media_placeholder": "A file from before this inbox was connected",
    "location": "Location: {place}",
    "location.bare": "Location",
    "contact": "Contact: {name}",
    "contacts": "Contacts: {names}",
    "contacts.more": "Contacts: {names} and {count} more",
    "contact.unnamed": "without a name",
    "button.empty": "A button was pressed",
    "list.empty": "An entry of a list was chosen",
    "flow": "Form answered: {answers}",
    "flow.bare": "Form answered",
    "address": "Address: {answers}",
    "call_permission.accept": "Allows us to call",
    "call_permission.reject": "Does not allow us to call",
    "call_permission": "Answered our request to call",
    "interactive.other": "An interactive message that cannot be shown here ({kind})",
    "order": "Order: {items}, {total}",
    "order.no_total": "Order: {items}",
    "order.empty": "Order",
    "order.note": "{order} ({note})",
    "item": "1 item",
    "items": "{count} items",
    "system": "WhatsApp has a notice about this chat",
    "somebody": "The customer",
    "number_changed": "{name} changed the phone number to {phone}",
    "user_id_changed": "{name} changed the WhatsApp account",
    "identity_changed": "The security code of this customer has changed",
    "unsupported": "This message cannot be shown here. Look at the phone.",
    "unsupported.kind": "This message ({kind}) cannot be shown here. Look at the phone.",
    "unsupported.later": "This message is not available here yet. Look at the phone.",
    "unknown": "A kind of message that this inbox does not know yet",
    "unknown.kind": "A kind of message that this inbox does not know yet ({kind})",
    "answer.unclear": "WhatsApp's answer could not be understood (HTTP {status}).",
    "file.gone": "WhatsApp does not have this file any more.",
    "file.link_old": "The link to this file has run out.",
    "file.too_large": "The file is larger than {most} bytes.",
    "file.wrong_size": "The file came with {size} bytes instead of {expected}.",
    "file.circle": "The link to this file leads in circles.",
    "file.blocked": "WhatsApp pointed to a file outside the hosts that are allowed.",
    "templates.endless": "WhatsApp's list of templates does not end.",
}


def say(key: str, **values: object) -> str:
    """The sentence of `key`, filled in."""
    return SUMMARIES[key].format(**values)
