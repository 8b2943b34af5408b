import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freePort } from '../src/index.ts';

test('a free port can be listened on, and is none that an outgoing connection may be given', async () => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '32768 60999');
  for (let i = 0; i < 20; i += 1) {
    const port = await freePort();
    expect(port).toBeLessThan(Number(range.split(/\s+/)[0]));
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
  }
});
