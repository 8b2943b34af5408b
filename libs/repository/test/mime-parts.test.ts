import { describe, expect, test } from '@jest/globals';
import { SeededRandom, testSeed } from '@backhaul/repository/testing';
import { decodeLines, encodeLines, type LineLayout } from '../src/base64-lines.ts';
import { findEncodedRuns } from '../src/mime-parts.ts';

/** What Node's own encoder makes, cut into lines. */
function reference(content: Buffer, { lineLength, lf, endsWithEol }: LineLayout): string {
  const eol = lf ? '\n' : '\r\n';
  const lines = content.toString('base64').match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return lines.join(eol) + (endsWithEol && lines.length > 0 ? eol : '');
}

function aLayout(random: SeededRandom): LineLayout {
  return {
    lineLength: random.pick([4, 8, 60, 64, 72, 76, 1000]),
    lf: random.chance(50),
    endsWithEol: random.chance(50),
  };
}

describe('base64 in lines', () => {
  test('is what every encoder makes, and is read back', () => {
    const random = new SeededRandom(testSeed());
    for (let round = 0; round < 2000; round += 1) {
      const content = random.bytes(1 + random.below(400));
      const layout = aLayout(random);
      const lines = encodeLines(content, layout);
      expect(lines.toString('latin1')).toBe(reference(content, layout));
      expect(decodeLines(lines, layout)?.equals(content)).toBe(true);
    }
  });

  test('that is changed in any way is read only as what encodes to it again', () => {
    const random = new SeededRandom(testSeed());
    let refused = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const layout = aLayout(random);
      const lines = Buffer.from(encodeLines(random.bytes(1 + random.below(200)), layout));
      const at = random.below(lines.length);
      const cut = random.chance(30) ? lines.subarray(0, at) : lines;
      if (cut === lines) lines[at] = random.pick([...Buffer.from('A/+=-_ \r\n\0zZ9'), random.below(256)]);
      const decoded = decodeLines(cut, layout);
      if (decoded === null) refused += 1;
      else expect(encodeLines(decoded, layout).equals(cut)).toBe(true);
    }
    expect(refused).toBeGreaterThan(5000);
  });

  test.each([
    ['bits that stand for nothing', 'QUJDRB=='],
    ['padding in the middle', 'QQ==QUJD'],
    ['padding alone', '===='],
    ['three signs of padding', 'QUJDQ==='],
    ['the alphabet of addresses', 'QUJD-_-_'],
    ['a space', 'QUJD QUJ'],
  ])('with %s is refused', (_, text) => {
    expect(decodeLines(Buffer.from(text), { lineLength: 76, lf: false, endsWithEol: false })).toBeNull();
  });
});

describe('attachments of a message', () => {
  const random = new SeededRandom(7);
  const layout: LineLayout = { lineLength: 76, lf: false, endsWithEol: true };
  const field = 'Content-Transfer-Encoding: base64';

  function part(content: Buffer, header = field, lines = layout): string {
    return `--b\r\nContent-Type: application/pdf\r\n${header}\r\nContent-ID: <x>\r\n\r\n${reference(content, lines)}`;
  }

  test('are found, each where it lies', () => {
    const contents = [random.bytes(3000), random.bytes(50_000), random.bytes(1025)];
    const message = Buffer.from(`Subject: base64\r\n\r\n${contents.map((content) => part(content)).join('')}--b--\r\n`);
    const runs = findEncodedRuns(message);
    expect(runs.map(({ decoded }) => decoded.toString('hex'))).toEqual(
      contents.map((content) => content.toString('hex')),
    );
    for (const { start, end, decoded, ...lines } of runs) {
      expect(message.subarray(start, end).equals(encodeLines(decoded, lines))).toBe(true);
    }
  });

  test.each([
    'content-transfer-encoding: BASE64',
    'CONTENT-TRANSFER-ENCODING:\tBase64  ',
    'Content-Transfer-Encoding:base64; x=y',
  ])('are found under the header %j', (header) => {
    expect(findEncodedRuns(Buffer.from(part(random.bytes(2000), header)))).toHaveLength(1);
  });

  test.each([
    ['too short to matter', part(random.bytes(300))],
    ['under another header', part(random.bytes(3000), 'X-Encoding: base64')],
    ['quoted in a text', part(random.bytes(3000), '> Content-Transfer-Encoding: base64')],
    ['in lines of odd length', part(random.bytes(3000)).replaceAll(/.{76}/g, '$& ')],
    ['whose header does not end', `${field}\r\nX: y`.padEnd(5000, 'x')],
    ['that end at once', `${'x'.repeat(3000)}\r\n${field}\r\n\r\n`],
    ['no message at all', random.bytes(5000).toString('latin1')],
  ])('%s stay as they are', (_, message) => {
    expect(findEncodedRuns(Buffer.from(message, 'latin1'))).toEqual([]);
  });

  test('in a message that was cut anywhere are found as far as they go, or not at all', () => {
    const message = Buffer.from(part(random.bytes(4000)));
    for (let length = 0; length < message.length; length += 7) {
      const cut = message.subarray(0, length);
      for (const { start, end, decoded, ...lines } of findEncodedRuns(cut)) {
        expect(cut.subarray(start, end).equals(encodeLines(decoded, lines))).toBe(true);
      }
    }
  });
});
