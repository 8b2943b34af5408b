import { connect } from 'node:net';

/** What a nats-server says first on every connection, before it knows who is there. */
export interface NatsGreeting {
  server_name: string;
  version: string;
}

/**
 * Connects and reads the server's greeting (`INFO {…}`, NATS client protocol). Undefined if nobody listens, or what
 * answers within `timeoutMs` is no nats-server.
 */
export function natsGreeting(host: string, port: number, timeoutMs = 2_000): Promise<NatsGreeting | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = '';
    const finish = (greeting: NatsGreeting | undefined) => {
      socket.destroy();
      resolve(greeting);
    };
    socket.setTimeout(timeoutMs, () => finish(undefined));
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(undefined));
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      const end = text.indexOf('\r\n');
      if (end >= 0) finish(parseGreeting(text.slice(0, end)));
    });
  });
}

function parseGreeting(line: string): NatsGreeting | undefined {
  if (!line.startsWith('INFO ')) return undefined;
  try {
    const { server_name, version } = JSON.parse(line.slice('INFO '.length)) as Partial<NatsGreeting>;
    return server_name !== undefined && version !== undefined ? { server_name, version } : undefined;
  } catch {
    return undefined;
  }
}
