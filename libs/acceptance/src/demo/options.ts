import { Command, InvalidArgumentError } from 'commander';

/** What the demo is asked to do. */
export interface DemoOptions {
  exit: boolean;
  json?: string;
  seed: number;
  mailboxes: number;
  messages: number;
  largeFolder: number;
  bytes: number;
  contacts: number;
  events: number;
  drives: number;
  files: number;
  fileBytes: number;
  largeFile: number;
  latency: number;
  change: number;
  transporters: number;
  slots: number;
  keep: boolean;
}

/** Reads the command line; ends the process after `--help` or a wrong option. */
export function readDemoOptions(argv: readonly string[]): DemoOptions {
  return new Command('npm run demo --')
    .description(
      'Runs the whole system on this machine against a simulated Microsoft 365 tenant and compares the result.',
    )
    .option('--exit', 'end when everything is compared; exit code 1 when anything differed', false)
    .option('--json <file>', 'write the figures to this file as JSON')
    .option('--seed <number>', 'what the tenant and its changes are made from', whole, 1)
    .option('--mailboxes <number>', 'mailboxes with messages', whole, 12)
    .option('--messages <number>', 'messages in all of them', whole, 6000)
    .option('--large-folder <number>', 'messages of the largest folder', whole, 3000)
    .option('--bytes <number>', 'bytes of all messages together', whole, 420_000_000)
    .option('--contacts <number>', 'contacts of all mailboxes', whole, 600)
    .option('--events <number>', 'events and series of all mailboxes', whole, 400)
    .option('--drives <number>', 'OneDrives', whole, 4)
    .option('--files <number>', 'files in all of them', whole, 500)
    .option('--file-bytes <number>', 'bytes of all files together', whole, 100_000_000)
    .option('--large-file <number>', 'bytes of one more file', whole, 300_000_000)
    .option('--latency <ms>', 'added by the tenant to every request', whole, 20)
    .option(
      '--change <percent>',
      'share of the items that is new, changed, moved and deleted before the second run',
      whole,
      3,
    )
    .option('--transporters <number>', 'how many Transporters', whole, 2)
    .option('--slots <number>', 'tasks of a Transporter at the same time', whole, 2)
    .option('--keep', 'keep the folder with logs and data', false)
    .parse(argv)
    .opts<DemoOptions>();
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}
