import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { Failure } from '@backhaul/domain';

/** A protobuf message of ours and the most bytes it may have on the wire, so that nobody can make the other side decode a bomb. */
export interface MessageKind<Desc extends DescMessage> {
  schema: Desc;
  maxBytes: number;
}

/**
 * Bytes of a message.
 * @throws Failure `invalid-input`, `wire.too-large`.
 */
export function toBytes<Desc extends DescMessage>(
  kind: MessageKind<Desc>,
  message: MessageInitShape<Desc>,
): Uint8Array {
  const bytes = toBinary(kind.schema, create(kind.schema, message));
  refuseOversize(kind, bytes);
  return bytes;
}

/**
 * The message in `bytes`, its fields not yet checked.
 * @throws Failure `invalid-input`, `wire.too-large` before anything is decoded, `wire.malformed` when it is no such message.
 */
export function fromBytes<Desc extends DescMessage>(kind: MessageKind<Desc>, bytes: Uint8Array): MessageShape<Desc> {
  refuseOversize(kind, bytes);
  try {
    return fromBinary(kind.schema, bytes);
  } catch (cause) {
    throw new Failure('invalid-input', {
      code: 'wire.malformed',
      message: `These bytes are no ${kind.schema.name}.`,
      retry: 'never',
      where: { message: kind.schema.name },
      cause,
    });
  }
}

function refuseOversize(kind: MessageKind<DescMessage>, bytes: Uint8Array): void {
  if (bytes.length <= kind.maxBytes) return;
  throw new Failure('invalid-input', {
    code: 'wire.too-large',
    message: `A ${kind.schema.name} of ${bytes.length} bytes is larger than the ${kind.maxBytes} that are allowed.`,
    retry: 'never',
    where: { message: kind.schema.name, bytes: String(bytes.length), allowed: String(kind.maxBytes) },
  });
}
