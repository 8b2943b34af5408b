import { setImmediate } from 'node:timers/promises';

/** Characters that are gathered before they are sent. */
const PIECE = 64 * 1024;
/** After so many entries requests get a turn. */
const TURN = 20;

/**
 * An answer with a list that may be too long to be held at once, such as all messages of a mailbox: each entry is made when
 * it is its turn to be sent. What arrives is one JSON object with the members of `head` and the list under its name.
 */
export class LongAnswer {
  readonly #head: object;
  readonly #name: string;
  readonly #entries: Iterable<unknown>;

  /**
   * @param head at least one member, none of them called `name`
   * @param entries what can be written as JSON; read once
   */
  constructor(head: object, name: string, entries: Iterable<unknown>) {
    this.#head = head;
    this.#name = name;
    this.#entries = entries;
  }

  /** The JSON text from first to last, as bytes: texts of that size would stay in the heap until the client has them. */
  async *pieces(): AsyncGenerator<Buffer> {
    let text = `${JSON.stringify(this.#head).slice(0, -1)},${JSON.stringify(this.#name)}:[`;
    let count = 0;
    for (const entry of this.#entries) {
      text += (count++ === 0 ? '' : ',') + JSON.stringify(entry);
      if (text.length >= PIECE) {
        yield Buffer.from(text);
        text = '';
      }
      if (count % TURN === 0) await setImmediate();
    }
    yield Buffer.from(`${text}]}`);
  }
}
