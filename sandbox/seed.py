"""Invented customers and chats that make the first look alive. They come through the webhook like any others.

The wamids are fixed: planting twice shows nothing twice, in the inbox as on the phones.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from sandbox import samples
from sandbox.customer import Customer
from system import clock

if TYPE_CHECKING:
    from sandbox.graph import GraphDouble

MINUTE, HOUR, DAY = 60, 3600, 86_400
GROUP_ID = "120363000000000001"


class Story:
    """The cast, and the clock of their stories: `ago(...)` gives the keywords `at` and `wamid` of the next message."""

    def __init__(self, double: GraphDouble) -> None:
        self.double = double
        self._now = clock.now()
        self._chat, self._line = "", 0

    def chat(self, name: str, phone: str | None = None, username: str | None = None) -> Customer:
        self._chat, self._line = phone or username or name, 0
        return self.double.add_customer(name, phone, username=username)

    def ago(self, days: float = 0, hours: float = 0, minutes: float = 0) -> dict[str, Any]:
        self._line += 1
        wamid = "wamid." + b64encode(f"sandbox {self._chat} {self._line:02d}".encode()).decode()
        return {"at": self._now - int(days * DAY + hours * HOUR + minutes * MINUTE), "wamid": wamid}


def plant(double: GraphDouble) -> None:
    """Queue the webhooks of all stories, oldest chat first."""
    story = Story(double)
    for tell in (_lucas, _grace, _yuki, _group, _mystery, _sofia, _tom, _aisha, _chi_keung, _raj, _mei_ling):
        tell(story)


def _lucas(story: Story) -> None:
    """Older than 24 hours: only a template can answer."""
    lucas = story.chat("Lucas Martin", "15550100177")
    lucas.write("Hi, I signed the waiver for our trip", **story.ago(days=6, hours=2))
    lucas.send_file(
        samples.document("Waiver Lucas Martin"), "application/pdf", filename="Waiver signed.pdf",
        **story.ago(days=6, hours=1, minutes=58),
    )
    lucas.receive_echo("Got it, thank you! See you on Sunday.", **story.ago(days=6, hours=1))
    lucas.write("Do you have a locker for phones?", **story.ago(days=2, hours=5))


def _grace(story: Story) -> None:
    grace = story.chat("Grace Lee", "85256780123")
    grace.write("Two singles for Saturday 9:00, please", **story.ago(days=1, hours=7))
    booked = grace.receive_echo("Booked! 🛶 Bring a towel and a hat.", **story.ago(days=1, hours=6, minutes=50))
    grace.react(booked, "❤️", **story.ago(days=1, hours=6, minutes=40))


def _yuki(story: Story) -> None:
    yuki = story.chat("Yuki Tanaka", "15550100133")
    yuki.write("My friend wants to come too, this is her number:", **story.ago(hours=23))
    yuki.send_contact("Hana Mori", "15550100134", **story.ago(hours=22, minutes=59))
    yuki.receive_echo("Lovely, I will write to her.", **story.ago(hours=22, minutes=30))
    yuki.send_file(samples.sticker(), "image/webp", kind="sticker", **story.ago(hours=22, minutes=29))
    yuki.write("ありがとうございます！", **story.ago(hours=22, minutes=28))


def _group(story: Story) -> None:
    story.double.add_group(GROUP_ID, "Sunday paddlers")
    ana = story.chat("Ana Costa", "15550100188")
    ben = story.double.add_customer("Ben Wu", "85257890123")
    ana.write("Who brings the paddles?", group=GROUP_ID, **story.ago(hours=20))
    ben.write("I have four in the car", group=GROUP_ID, **story.ago(hours=19, minutes=50))
    ana.write("Perfect 👌 meeting at the pier at 9", group=GROUP_ID, **story.ago(hours=19, minutes=48))


def _mystery(story: Story) -> None:
    """Hides the number: known by user id and username alone."""
    mystery = story.chat("K.", username="mystery.k")
    mystery.write("Hello, do you rent by the hour?", **story.ago(hours=9))


def _sofia(story: Story) -> None:
    sofia = story.chat("Sofia Rossi", "15550100142")
    asked = sofia.write("Is the sea calm enough for beginners on Sunday?", **story.ago(hours=6, minutes=12))
    sofia.edit(
        asked, "Is the sea calm enough for two beginners on Sunday morning?", **story.ago(hours=6, minutes=11)
    )
    sofia.receive_echo(
        "Dear Sofia, yes: light wind until noon, and a guide comes along.", status="delivered",
        **story.ago(hours=6),
    )


def _tom(story: Story) -> None:
    tom = story.chat("Tom Becker", "15550100119")
    tom.order(
        [("double-kayak-hour", 2, 180.0), ("dry-bag", 1, 40.0)], "For Saturday, please", **story.ago(hours=4.3)
    )
    tom.receive_echo("Thank you! HK$ 400 in all, pay at the pier.", **story.ago(hours=4, minutes=5))
    tom.send_location(22.3812, 114.2735, "Sai Kung Pier", "Sai Kung, Hong Kong", **story.ago(hours=4, minutes=1))
    tom.write("Here?", **story.ago(hours=4))
    tom.receive_echo("Exactly there. See you at ten!", **story.ago(hours=3, minutes=55))


def _aisha(story: Story) -> None:
    """Came from an advertisement."""
    aisha = story.chat("Aisha Khan", "85259012345")
    aisha.write(
        "Hello! Is parking free there?",
        referral={
            "source_url": "https://fb.me/example",
            "source_id": "120200000000000001",
            "source_type": "ad",
            "headline": "Kayaks in Sai Kung",
            "body": "Half price on weekdays in November.",
            "media_type": "image",
            "image_url": "https://example.com/kayak.jpg",
            "ctwa_clid": "ARsandbox0001",
        },
        **story.ago(hours=2, minutes=10),
    )


def _chi_keung(story: Story) -> None:
    chi_keung = story.chat("黃志強", "85253456789")
    chi_keung.write("你好，想問下包船幾錢？", **story.ago(hours=1, minutes=44))
    chi_keung.send_file(samples.voice(), samples.VOICE_TYPE, voice=True, **story.ago(hours=1, minutes=43))
    chi_keung.write("大約十二個人", **story.ago(hours=1, minutes=40))


def _raj(story: Story) -> None:
    raj = story.chat("Raj Patel", "85252345678")
    raj.receive_echo("Hi Raj, how was the trip?", **story.ago(minutes=58))
    raj.write("Fantastic! My daughter wants to go again.", **story.ago(minutes=41))
    raj.send_file(samples.photo(1), "image/jpeg", caption="Sunset on the way back", **story.ago(minutes=40))


def _mei_ling(story: Story) -> None:
    mei_ling = story.chat("陳美玲 Mei Ling", "85251234567")
    asked = mei_ling.write("請問星期六雙人艇仲有冇位？ 🛶", **story.ago(hours=15, minutes=20))
    mei_ling.write("We are two adults and one child", **story.ago(hours=15, minutes=19))
    free = mei_ling.receive_echo(
        "有位！10:00 同 14:00 都可以，小朋友跟大人一齊坐就得 😊", **story.ago(hours=15, minutes=10)
    )
    mei_ling.receive_echo(
        "Price list attached", data=samples.document("Price list 2026"), filename="Price list 2026.pdf",
        **story.ago(hours=15, minutes=9),
    )
    mei_ling.react(free, "👍", **story.ago(hours=15))
    mei_ling.write("咁我想要 10:00", quote=free, **story.ago(minutes=22))
    mei_ling.send_file(samples.photo(0), "image/jpeg", caption="呢隻啱唔啱？", **story.ago(minutes=21))
    mei_ling.send_file(samples.voice(), samples.VOICE_TYPE, voice=True, quote=asked, **story.ago(minutes=20))
