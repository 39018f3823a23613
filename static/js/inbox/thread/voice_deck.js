// What is remembered about listening: how fast, how far each sound was heard, and which voice message comes next.

const KEY = "inbox:voice-speed";
const SPEEDS = [1, 1.5, 2];
const AT_THE_END = 0.3; // s: who stops here has heard it, and begins anew

export class VoiceDeck {
  /** @param {{ load: (key: string) => any, save: (key: string, value: unknown) => void }} storage */
  constructor(storage) {
    this.storage = storage;
    /** @type {Map<number, number>} media id -> seconds heard; of this visit only */
    this.positions = new Map();
    const kept = storage.load(KEY);
    this.speed = SPEEDS.includes(kept) ? kept : 1;
  }

  faster() {
    this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length] ?? 1;
    this.storage.save(KEY, this.speed);
  }

  /** @param {number} mediaId */
  positionOf(mediaId) {
    return this.positions.get(mediaId) ?? 0;
  }

  /**
   * @param {number} mediaId
   * @param {number} seconds
   * @param {number} length seconds; 0 when it is not known
   */
  keep(mediaId, seconds, length) {
    if (seconds > 0 && !(length && seconds > length - AT_THE_END)) this.positions.set(mediaId, seconds);
    else this.positions.delete(mediaId);
  }
}

/**
 * The voice message that follows directly, whoever sent it; anything else in between ends the row.
 * @param {Message[]} messages in order
 * @param {number | null} id
 * @returns {Message | null}
 */
export function nextVoice(messages, id) {
  const at = messages.findIndex((message) => message.id !== null && message.id === id);
  const next = at < 0 ? undefined : messages[at + 1];
  const { media } = next ?? {};
  return next && next.type === "audio" && media?.voice && media.state === "stored" && !next.deleted_at ? next : null;
}
