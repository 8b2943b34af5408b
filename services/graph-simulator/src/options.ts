import { parseArgs } from 'node:util';

/** How a simulator is started. What shapes the tenant (seed, mailboxes, messages …) counts only while the state folder is empty. */
export interface SimulatorOptions {
  /** Port of Graph, login and upload addresses on 127.0.0.1; default 0 = any free one. */
  port?: number;
  /** Port of the control port; default 0 = any free one. */
  controlPort?: number;
  /** Folder where everything is kept; it may be used again after a stop or crash. Default: a temporary one, removed by `close`. */
  state?: string;
  /** Everything generated follows from it; default 1. */
  seed?: number;
  /** Mailboxes with messages (users, and from 4 on one shared and from 6 on one room mailbox); default 3. */
  mailboxes?: number;
  /** Messages in all of them together; default 20 for each mailbox. */
  messages?: number;
  /** Messages of one folder of the first mailbox, taken from `messages`; default: a twentieth of `messages`. */
  largeFolder?: number;
  /** Bytes of all messages together, approximately; default 64 KiB for each message. */
  bytes?: number;
  /** Share of messages with odd MIME, 0–1; default 0.1. The first messages hold one of every kind in any case. */
  oddities?: number;
  /** Contacts in all mailboxes together; default 0. */
  contacts?: number;
  /** Events in all mailboxes together, a series counting as one; default 0. */
  events?: number;
  /** How many users have a drive; default 0. */
  drives?: number;
  /** Files in all drives together; default 0. */
  files?: number;
  /** Bytes of all files together, approximately; default 64 KiB for each file. */
  fileBytes?: number;
  /** Bytes of one more file in the first drive; default 0 = none. */
  largeFile?: number;
  /** Added to every Graph request in ms; default 0. Applies at every start; changeable at runtime. */
  latencyMs?: number;
  /** Bytes uploaded per application and mailbox in five minutes; default 0 = no limit (Microsoft: 150 MB). */
  uploadLimitBytes?: number;
  /** Resource units of drives per application and minute; default 0 = no limit (Microsoft: 1,250 for up to 1,000 licences). */
  resourceUnits?: number;
}

/** The shape of a generated tenant, with every default filled in; kept in the state folder. */
export interface TenantShape {
  seed: number;
  mailboxes: number;
  messages: number;
  largeFolder: number;
  bytes: number;
  oddities: number;
  contacts: number;
  events: number;
  drives: number;
  files: number;
  fileBytes: number;
  largeFile: number;
}

/** @throws Error that names the option and what it may be */
export function tenantShape(options: SimulatorOptions): TenantShape {
  const mailboxes = wholeNumber('mailboxes', options.mailboxes ?? 3, 0, 100_000);
  const messages = wholeNumber('messages', options.messages ?? mailboxes * 20, 0, 10_000_000);
  const contacts = wholeNumber('contacts', options.contacts ?? 0, 0, 10_000_000);
  const events = wholeNumber('events', options.events ?? 0, 0, 10_000_000);
  for (const [name, count] of Object.entries({ messages, contacts, events })) {
    if (count > 0 && mailboxes === 0) throw new Error(`--${name} needs at least one mailbox: raise --mailboxes`);
  }
  const drives = wholeNumber('drives', options.drives ?? 0, 0, 100_000);
  const owners = mailboxes - (mailboxes >= 4 ? 1 : 0) - (mailboxes >= 6 ? 1 : 0);
  if (drives > owners) {
    throw new Error(
      `--drives must be at most ${owners} with ${mailboxes} mailboxes, as only users have one: raise --mailboxes`,
    );
  }
  const files = wholeNumber('files', options.files ?? 0, 0, 10_000_000);
  const largeFile = wholeNumber('large-file', options.largeFile ?? 0, 0, Number.MAX_SAFE_INTEGER);
  if (files + largeFile > 0 && drives === 0)
    throw new Error('--files and --large-file need at least one drive: raise --drives');
  return {
    seed: wholeNumber('seed', options.seed ?? 1, 0, 0xffffffff),
    mailboxes,
    messages,
    largeFolder: wholeNumber('large-folder', options.largeFolder ?? Math.floor(messages / 20), 0, messages),
    bytes: wholeNumber('bytes', options.bytes ?? messages * 65_536, 0, Number.MAX_SAFE_INTEGER),
    oddities: share('oddities', options.oddities ?? 0.1),
    contacts,
    events,
    drives,
    files,
    fileBytes: wholeNumber('file-bytes', options.fileBytes ?? files * 65_536, 0, Number.MAX_SAFE_INTEGER),
    largeFile,
  };
}

/** Reads the command line of `main.ts`. @throws Error that names the option and what it may be */
export function readCommandLine(args: readonly string[]): SimulatorOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: text,
      'control-port': text,
      state: text,
      seed: text,
      mailboxes: text,
      messages: text,
      'large-folder': text,
      bytes: text,
      oddities: text,
      contacts: text,
      events: text,
      drives: text,
      files: text,
      'file-bytes': text,
      'large-file': text,
      'latency-ms': text,
      'upload-limit': text,
      'resource-units': text,
    },
  });
  const number = (name: keyof typeof values): number | undefined =>
    values[name] === undefined ? undefined : readNumber(name, values[name]);
  const bytes = (name: keyof typeof values): number | undefined =>
    values[name] === undefined ? undefined : readBytes(name, values[name]);
  const options: Record<string, number | string | undefined> = {
    port: number('port'),
    controlPort: number('control-port'),
    state: values.state,
    seed: number('seed'),
    mailboxes: number('mailboxes'),
    messages: number('messages'),
    largeFolder: number('large-folder'),
    bytes: bytes('bytes'),
    oddities: number('oddities'),
    contacts: number('contacts'),
    events: number('events'),
    drives: number('drives'),
    files: number('files'),
    fileBytes: bytes('file-bytes'),
    largeFile: bytes('large-file'),
    latencyMs: number('latency-ms'),
    uploadLimitBytes: bytes('upload-limit'),
    resourceUnits: number('resource-units'),
  };
  for (const name of Object.keys(options)) if (options[name] === undefined) delete options[name];
  return options;
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`--${name} must be a number, not "${text}"`);
  return value;
}

const UNITS: Record<string, number> = { '': 1, KB: 1e3, MB: 1e6, GB: 1e9, KIB: 1024, MIB: 1024 ** 2, GIB: 1024 ** 3 };

function readBytes(name: string, text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[(unit ?? '').toUpperCase()];
  if (digits === undefined || factor === undefined) {
    throw new Error(`--${name} must be a size such as 400MB or 64KiB, not "${text}"`);
  }
  return Math.round(Number(digits) * factor);
}

function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}, not ${value}`);
}

function share(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new Error(`--${name} must be a number from 0 to 1, not ${value}`);
}
