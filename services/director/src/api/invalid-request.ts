import { Failure } from '@backhaul/domain';

/** One field that is wrong. */
export interface FieldError {
  /** JSON pointer (RFC 6901) into the body; for a query parameter `?name`. */
  pointer: string;
  code: string;
  /** What is wrong and what would be right. */
  message: string;
}

/** Fields that are listed at most: nobody corrects more of them by hand. */
const LISTED = 100;
/** Fields that are named in the sentence. */
const NAMED = 10;

/** A request whose parts do not have the form the operation declares; the wrong fields are listed, the first hundred. */
export class InvalidRequest extends Failure {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    const fields = errors.slice(0, NAMED).map((error) => error.pointer || 'the body');
    const more = errors.length > NAMED ? ` and ${errors.length - NAMED} more` : '';
    super('invalid-input', {
      code: 'request.invalid',
      message: `The request is not valid: ${fields.join(', ')}${more}.`,
      hint: 'Correct the fields listed in "errors".',
      retry: 'never',
    });
    this.name = 'InvalidRequest';
    this.errors = errors.slice(0, LISTED);
  }
}

/** One wrong field of a body, for checks that a schema cannot make. */
export function invalidField(field: string, code: string, message: string): InvalidRequest {
  return new InvalidRequest([{ pointer: `/${field.replaceAll('.', '/')}`, code, message }]);
}
