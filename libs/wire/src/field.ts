import { Failure } from '@backhaul/domain';

/**
 * Checks of single fields. `path` names the field as `Message.field.field` and ends up in `where.field` of the failure.
 */

const ID = /^[A-Za-z0-9_-]{1,128}$/;
const UTC_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

/** The failure of a field that cannot be used. `code` is one of the `wire.` names. */
export function refusedField(code: `wire.${string}`, path: string, message: string): Failure {
  return new Failure('invalid-input', { code, message, retry: 'never', where: { field: path } });
}

/** An id of ours: letters, digits, `_` and `-`, at most 128, so that it can be a part of a subject. */
export function id(value: string, path: string): string {
  if (ID.test(value)) return value;
  throw refusedField('wire.invalid-id', path, `${path} is not an id of letters, digits, "_" and "-".`);
}

/** A text that must not be empty. */
export function text(value: string, path: string): string {
  if (value !== '') return value;
  throw refusedField('wire.missing-field', path, `${path} is missing.`);
}

/** A moment in ISO 8601, UTC. */
export function utcTime(value: string, path: string): string {
  if (UTC_TIME.test(value) && Number.isFinite(Date.parse(value))) return value;
  throw refusedField('wire.out-of-range', path, `${path} is not a time in ISO 8601, UTC.`);
}

/** A message or oneof that must be there. */
export function present<T>(value: T | undefined, path: string): T {
  if (value !== undefined) return value;
  throw refusedField('wire.missing-field', path, `${path} is missing.`);
}

/** A number off the wire; refused when a JavaScript number cannot hold it exactly. */
export function fromUint64(value: bigint, path: string): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw refusedField('wire.out-of-range', path, `${path} is too large.`);
}

/** A number for the wire; whole and not negative. */
export function toUint64(value: number, path: string): bigint {
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw refusedField('wire.out-of-range', path, `${path} is not a whole number of 0 or more.`);
}

/** Like {@link toUint64}, for the shorter fields. */
export function toUint32(value: number, path: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  throw refusedField('wire.out-of-range', path, `${path} is not a whole number from 0 to 4294967295.`);
}

/** A fence: 1 or more. */
export function fenceFromWire(value: bigint, path: string): number {
  if (value === 0n) throw refusedField('wire.missing-field', path, `${path} is missing.`);
  return fromUint64(value, path);
}
