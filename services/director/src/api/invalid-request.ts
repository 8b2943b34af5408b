import { Failure } from '@backhaul/domain';

/** One field that is wrong. */
export interface FieldError {
  /** JSON pointer (RFC 6901) into the body; for a query parameter `?name`. */
  pointer: string;
  code: string;
  /** What is wrong and what would be right. */
  message: string;
}

/** A request whose parts do not have the form the operation declares; every wrong field is listed. */
export class InvalidRequest extends Failure {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    const fields = errors.map((error) => error.pointer || 'the body').join(', ');
    super('invalid-input', {
      code: 'request.invalid',
      message: `The request is not valid: ${fields}.`,
      hint: 'Correct the fields listed in "errors".',
      retry: 'never',
    });
    this.name = 'InvalidRequest';
    this.errors = errors;
  }
}

/** One wrong field of a body, for checks that a schema cannot make. */
export function invalidField(field: string, code: string, message: string): InvalidRequest {
  return new InvalidRequest([{ pointer: `/${field.replaceAll('.', '/')}`, code, message }]);
}
