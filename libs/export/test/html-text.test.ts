import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { textOfHtml } from '../src/html-text.ts';

test.each([
  ['<p>Hello</p><p>world</p>', 'Hello\n\nworld'],
  ['one<br>two<br/>three', 'one\ntwo\nthree'],
  ['<html><head><title>T</title><style>p{}</style></head><body>x</body></html>', 'x'],
  ['a<script>if (a < b) alert("</p>")</script>b', 'ab'],
  ['a<!-- <p>hidden</p> -->b', 'ab'],
  ['&lt;b&gt; &amp;amp; &#8364; &#x1F600; &nbsp;x &unknown;', '<b> &amp; € 😀 \u00a0x &unknown;'],
  ['&#0; &#xD800; &#99999999;', '\ufffd \ufffd &#99999999;'],
  ['a < b and 2<3', 'a < b and 2<3'],
  ['<ul><li>one</li><li>two</li></ul>', 'one\n\ntwo'],
  ['<style>never closed', ''],
  ['', ''],
])('%j reads %j', (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

test('text without markup is itself', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9 .,;!?äöü]{0,60}$/), (text) => {
      expect(textOfHtml(text)).toBe(text.replace(/ +/g, ' ').trim());
    }),
  );
});

test('however HTML is broken, it takes time in proportion to its length', () => {
  const started = performance.now();
  for (const piece of ['<style>', '<!--', '</', '<p', '&#', '\n \n', '<script></script'])
    textOfHtml(piece.repeat(100_000));
  expect(performance.now() - started).toBeLessThan(10_000);
});
