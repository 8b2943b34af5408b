import { describe, expect, test } from '@jest/globals';
import { listenFailure } from '../src/listen-failure.ts';

const address = { host: '192.0.2.1', port: 443 };

describe('An address that cannot be listened on', () => {
  test.each([
    ['EADDRINUSE', 'Another program listens on 192.0.2.1:443.', 'BACKHAUL_PORT'],
    ['EACCES', 'This user may not listen on 192.0.2.1:443.', 'BACKHAUL_PORT'],
    ['EADDRNOTAVAIL', '192.0.2.1 is not an address of this host.', 'BACKHAUL_HOST'],
    ['ENOTFOUND', '192.0.2.1 is not an address of this host.', 'BACKHAUL_HOST'],
  ])('is explained with the setting to change: %s', (code, message, setting) => {
    const error = Object.assign(new Error('listen'), { code });
    expect(listenFailure(error, address)).toMatchObject({
      message,
      hint: expect.stringContaining(setting),
      cause: error,
    });
  });

  test('leaves other errors as they are', () => {
    const error = new TypeError('a mistake of ours');
    expect(listenFailure(error, address)).toBe(error);
  });
});
