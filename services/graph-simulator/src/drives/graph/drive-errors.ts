import { GraphError } from '../../http/graph-error.ts';

/* Errors in the words of OneDrive and SharePoint. */

export function driveItemNotFound(message = 'The resource could not be found.'): GraphError {
  return new GraphError(404, 'itemNotFound', message);
}

export function invalidRequest(message: string, innerCode?: string): GraphError {
  return new GraphError(400, 'invalidRequest', message, innerCode === undefined ? {} : { innerCode });
}

export function nameAlreadyExists(): GraphError {
  return new GraphError(409, 'nameAlreadyExists', 'An item with the same name already exists under the parent.');
}

export function quotaReached(): GraphError {
  return new GraphError(507, 'quotaLimitReached', 'The user has reached their quota limit.');
}

export function preconditionFailed(): GraphError {
  return new GraphError(412, 'resourceModified', 'The resource has changed since the caller last read it.');
}

export function notAllowed(message: string, innerCode?: string): GraphError {
  return new GraphError(403, 'notAllowed', message, innerCode === undefined ? {} : { innerCode });
}

export function malwareDetected(): GraphError {
  return new GraphError(403, 'malwareDetected', 'Malware was detected in this file.', {
    headers: { 'X-Virus-Infected': 'true' },
  });
}

export function lengthRequired(): GraphError {
  return new GraphError(411, 'lengthRequired', 'Content-Length is required.');
}
