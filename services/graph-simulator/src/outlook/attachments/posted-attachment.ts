import { badRequest, GraphError } from '../../http/graph-error.ts';
import type { Attachment, MessageContent } from '../../mail/state/message.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import type { JsonObject } from '../../graph/json-body.ts';

/** Larger files need an upload session. */
const FILE_LIMIT = 3 * 1024 * 1024;

/**
 * An attachment posted as JSON.
 * @param embedded reads the message of an item attachment
 * @throws GraphError for other kinds, bad base64, and files over 3 MB
 */
export function readAttachment(
  context: GraphContext,
  body: JsonObject,
  key: number,
  embedded: (context: GraphContext, item: JsonObject) => MessageContent,
): Attachment {
  const type = (textOrNull(body['@odata.type']) ?? '').replace(/^#?microsoft\.graph\./, '');
  const name = typeof body['name'] === 'string' ? body['name'] : null;
  if (type === 'fileAttachment') {
    return {
      kind: 'file',
      key,
      name,
      contentType: textOrNull(body['contentType']),
      contentId: textOrNull(body['contentId']),
      isInline: body['isInline'] === true,
      bytes: context.tenant.content.keepBytes(readBytes(body['contentBytes'])),
    };
  }
  if (type === 'itemAttachment') {
    const item = body['item'] as JsonObject | undefined;
    const itemType = (textOrNull(item?.['@odata.type']) ?? '').replace(/^#?microsoft\.graph\./, '');
    if (item === undefined || itemType !== 'message') {
      throw badRequest(
        'An item attachment needs an item with @odata.type #microsoft.graph.message.',
        'ErrorInvalidRequest',
      );
    }
    return { kind: 'item', key, name: name ?? textOrNull(item['subject']) ?? '', item: embedded(context, item) };
  }
  if (type === 'referenceAttachment') {
    throw badRequest('Reference attachments cannot be created.', 'ErrorInvalidRequest');
  }
  throw badRequest("An attachment needs '@odata.type'.", 'UnableToDeserializePostBody');
}

function readBytes(value: unknown): Buffer {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/\-_]*={0,2}$/.test(value)) {
    throw badRequest('contentBytes must be base64.', 'UnableToDeserializePostBody');
  }
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length > FILE_LIMIT) {
    throw new GraphError(
      413,
      'RequestEntityTooLarge',
      'The attachment exceeds the maximum size of 3 MB; use an upload session.',
    );
  }
  return bytes;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
