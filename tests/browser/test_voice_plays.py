"""What a browser recorded and the server put into Ogg plays in a browser, to the end and at its real length."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.sound.voice import as_voice_note

FOLDER = Path(__file__).parents[1] / "fixtures" / "voice"
PLAY = """async (address) => {
  const audio = new Audio(address);
  audio.muted = true;
  const ended = new Promise((resolve, reject) => {
    audio.onended = resolve;
    audio.onerror = () => reject(new Error(audio.error.message));
  });
  await audio.play();
  const announced = audio.duration;
  await ended;
  const bytes = await (await fetch(address)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
  const loudest = sound.getChannelData(0).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { announced, reached: audio.currentTime, decoded: sound.duration, loudest };
}"""


@pytest.mark.parametrize("name", ["chromium.webm", "chromium.mp4", "chromium-slices.mp4", "ffmpeg-unfragmented.mp4"])
def test_a_voice_note_plays_to_its_end(browser: Browser, name: str) -> None:
    note = as_voice_note((FOLDER / name).read_bytes())
    page = browser.new_page()
    try:
        played = page.evaluate(PLAY, "data:audio/ogg;codecs=opus;base64," + base64.b64encode(note.ogg).decode())
    finally:
        page.close()
    seconds = note.duration_ms / 1000
    assert played["decoded"] == pytest.approx(seconds, abs=0.06)  # one packet
    assert played["loudest"] > 0.1  # it is not silence
    # Chromium's clock counts what the header tells it to skip at the start: up to 80 ms in its own MP4 recordings.
    assert seconds - 0.005 <= played["announced"] <= seconds + 0.085
    assert played["reached"] == pytest.approx(played["announced"], abs=0.06)
