import sanitizeHtml from 'sanitize-html';

/** Longer HTML is cut: a preview is for reading, the whole is in the download. */
const MAX_HTML = 1_000_000;
/** Deeper nesting is left out; no browser and no reader needs it. */
const MAX_DEPTH = 100;
/** Images of the message itself are shown up to this size, together. */
const MAX_IMAGE_BYTES = 2 * 1024 * 1024;

/** What browsers draw and never run. */
const IMAGE_TYPE = /^image\/(png|jpeg|gif|webp|bmp)$/;
const IMAGE_DATA = /^data:image\/(png|jpe?g|gif|webp|bmp);base64,[a-z0-9+/=\s]+$/i;

/** Values of styles that can neither fetch nor run anything: words, numbers, colours. */
const STYLE_VALUE = [/^(?:[\w\s.,%#'"!+-]|(?:rgb|hsl)a?\([\w\s.,%/]*\))*$/i];
const STYLES = [
  'background-color',
  ...['border', 'border-bottom', 'border-collapse', 'border-color', 'border-left', 'border-radius', 'border-right'],
  ...['border-spacing', 'border-style', 'border-top', 'border-width', 'color', 'direction'],
  ...['font', 'font-family', 'font-size', 'font-style', 'font-weight', 'height', 'letter-spacing', 'line-height'],
  ...['list-style-type', 'margin', 'margin-bottom', 'margin-left', 'margin-right', 'margin-top', 'max-width'],
  ...['padding', 'padding-bottom', 'padding-left', 'padding-right', 'padding-top'],
  ...['text-align', 'text-decoration', 'text-indent', 'text-transform', 'vertical-align', 'white-space', 'width'],
];

const SIZES = ['width', 'height', 'align', 'valign', 'bgcolor'];
const CELL = [...SIZES, 'colspan', 'rowspan', 'nowrap', 'scope'];

/** What is left in HTML after {@link safeHtml}: no scripts, forms, frames, styles or names that pages could trip over. */
export const ALLOWED_TAGS = [
  ...sanitizeHtml.defaults.allowedTags.filter((tag) => !['main', 'menu', 'nav'].includes(tag)),
  ...['big', 'center', 'del', 'font', 'img', 'ins', 'strike', 'tt'],
];
export const ALLOWED_ATTRIBUTES: Readonly<Record<string, string[]>> = {
  '*': ['style', 'dir', 'lang', 'title'],
  a: ['href', 'target', 'rel'],
  img: ['src', 'alt', 'width', 'height', 'align', 'border'],
  font: ['color', 'face', 'size'],
  table: [...SIZES, 'border', 'cellpadding', 'cellspacing'],
  tr: SIZES,
  td: CELL,
  th: CELL,
  col: [...SIZES, 'span'],
  colgroup: ['span'],
  ol: ['start', 'type'],
  ul: ['type'],
  li: ['value'],
};

/** An attached image that HTML may show by its content id. */
export interface InlineImage {
  contentType: string;
  content: Uint8Array;
}

export interface SafeHtml {
  html: string;
  /** Images that are not shown because looking at them would tell their owner. */
  blockedImages: number;
  /** The original is longer. */
  isCut: boolean;
}

/**
 * HTML of a stranger made harmless: what is not on the list of elements, attributes, styles and addresses is gone. Nothing
 * is fetched by looking at it: images of the message itself (`cid:`) are put in as data, those from elsewhere are left out
 * and counted. Links open apart and tell nobody where they were.
 * @param images the message's own, by content id
 */
export function safeHtml(html: string, images: ReadonlyMap<string, InlineImage>): SafeHtml {
  const gallery = new Gallery(images);
  const safe = sanitizeHtml(html.slice(0, MAX_HTML), {
    allowedTags: ALLOWED_TAGS,
    allowedAttributes: { ...ALLOWED_ATTRIBUTES },
    allowedStyles: { '*': Object.fromEntries(STYLES.map((style) => [style, STYLE_VALUE])) },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
    nonTextTags: [
      'script',
      'style',
      'textarea',
      'option',
      'xmp',
      'noscript',
      'title',
      'template',
      'iframe',
      'svg',
      'math',
    ],
    nestingLimit: MAX_DEPTH,
    transformTags: {
      a: (tagName, { href = '', title }) => ({ tagName, attribs: linkAttributes(href, title) }),
      img: (tagName, attributes) => ({ tagName, attribs: gallery.shown(attributes) }),
    },
  });
  return { html: safe, blockedImages: gallery.blocked, isCut: html.length > MAX_HTML };
}

/** Only whole addresses lead anywhere: there is no page that a relative one could belong to. */
function linkAttributes(href: string, title: string | undefined): Record<string, string> {
  const shown = title === undefined ? {} : { title };
  if (!/^\s*(https?|mailto|tel):/i.test(href)) return shown;
  return { ...shown, href: href.trim(), target: '_blank', rel: 'noopener noreferrer nofollow' };
}

/** Decides for each image what is shown of it. */
class Gallery {
  readonly #images: ReadonlyMap<string, InlineImage>;
  #bytesLeft = MAX_IMAGE_BYTES;
  blocked = 0;

  constructor(images: ReadonlyMap<string, InlineImage>) {
    this.#images = images;
  }

  shown({ src = '', ...attributes }: Record<string, string>): Record<string, string> {
    const data = this.#data(src.trim());
    if (data !== null) return { ...attributes, src: data };
    if (src !== '') this.blocked += 1;
    return attributes;
  }

  #data(src: string): string | null {
    if (IMAGE_DATA.test(src)) return src;
    const image = /^cid:/i.test(src) ? this.#images.get(contentId(src.slice(4))) : undefined;
    if (image === undefined || !IMAGE_TYPE.test(image.contentType) || image.content.length > this.#bytesLeft)
      return null;
    this.#bytesLeft -= image.content.length;
    const { buffer, byteOffset, byteLength } = image.content;
    return `data:${image.contentType};base64,${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}`;
  }
}

function contentId(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}
