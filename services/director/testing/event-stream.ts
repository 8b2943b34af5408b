/** One server-sent event. */
export interface ReceivedEvent {
  event: string;
  id: string;

  data: any;
}

/** Follows a stream of server-sent events as a browser does. */
export class EventStream {
  readonly status: number;
  readonly headers: Headers;
  /** Comments and other blocks without data that came so far. */
  readonly silent: string[] = [];
  readonly #reader: ReadableStreamDefaultReader<string> | null;
  readonly #ending: AbortController;
  #text = '';

  private constructor(response: Response, ending: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#reader = response.body?.pipeThrough(new TextDecoderStream()).getReader() ?? null;
    this.#ending = ending;
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventStream> {
    const ending = new AbortController();
    return new EventStream(await fetch(url, { headers, signal: ending.signal }), ending);
  }

  /** The next event; null when the stream has ended. */
  async next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (/^data:/m.test(block)) return parse(block);
        this.silent.push(block);
        continue;
      }
      const { done, value } = (await this.#reader?.read()) ?? { done: true, value: undefined };
      if (done) return null;
      this.#text += value;
    }
  }

  /** Hangs up. */
  close(): void {
    this.#ending.abort();
  }
}

function parse(block: string): ReceivedEvent {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  return { event: fields['event'] ?? '', id: fields['id'] ?? '', data: JSON.parse(fields['data'] ?? 'null') };
}
