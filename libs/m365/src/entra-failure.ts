import { Failure, isFailure, type FailureKind, type RetryAdvice } from '@backhaul/domain';

/** The field of a tenant connection that an error of Entra is about. */
type ConnectionField = 'directoryId' | 'clientId' | 'credential' | 'loginUrl' | 'graphUrl';

interface EntraMeaning {
  kind: FailureKind;
  code: string;
  message: string;
  hint: string;
  retry?: RetryAdvice;
  field?: ConnectionField;
}

const TENANT_UNKNOWN: EntraMeaning = {
  kind: 'invalid-input',
  code: 'entra.tenant-unknown',
  message: 'Microsoft Entra knows no tenant of this id.',
  hint: 'Copy the directory (tenant) id from the overview page of Microsoft Entra ID.',
  field: 'directoryId',
};

const SECRET_WRONG: EntraMeaning = {
  kind: 'unauthenticated',
  code: 'entra.secret-wrong',
  message: 'Microsoft Entra does not accept the client secret.',
  hint: 'Enter the value of the secret, not its id; it is shown only when the secret is made.',
  field: 'credential',
};

const CERTIFICATE_WRONG: EntraMeaning = {
  kind: 'unauthenticated',
  code: 'entra.certificate-wrong',
  message: 'Microsoft Entra does not accept the certificate.',
  hint: 'Check that thumbprint and key belong together and that the certificate is registered for the application.',
  field: 'credential',
};

const BUSY: EntraMeaning = {
  kind: 'unavailable',
  code: 'entra.busy',
  message: 'Microsoft Entra cannot give a token at the moment.',
  hint: 'It will be tried again.',
  retry: 'later',
};

const SCOPE_WRONG: EntraMeaning = {
  kind: 'invalid-input',
  code: 'entra.scope-refused',
  message: 'Microsoft Entra does not know the Graph endpoint as a resource.',
  hint: 'Check that login and Graph address belong to the same cloud.',
  field: 'graphUrl',
};

/** By number of the AADSTS error; branch on the number, never on the text. */
const MEANINGS: Readonly<Record<number, EntraMeaning>> = {
  7000215: SECRET_WRONG,
  7000222: {
    ...SECRET_WRONG,
    code: 'entra.secret-expired',
    message: 'The client secret has expired.',
    hint: 'Make a new secret for the application in Entra and enter its value.',
  },
  700016: {
    kind: 'invalid-input',
    code: 'entra.application-unknown',
    message: 'The tenant knows no application of this client id.',
    hint: 'Copy the application (client) id, and give the application admin consent in this tenant.',
    field: 'clientId',
  },
  7000112: {
    kind: 'forbidden',
    code: 'entra.application-disabled',
    message: 'The application is disabled in the tenant.',
    hint: 'Enable the enterprise application in Entra.',
    field: 'clientId',
  },
  90002: TENANT_UNKNOWN,
  900023: TENANT_UNKNOWN,
  50034: TENANT_UNKNOWN,
  50059: TENANT_UNKNOWN,
  90013: TENANT_UNKNOWN,
  700027: CERTIFICATE_WRONG,
  700021: CERTIFICATE_WRONG,
  700024: {
    ...CERTIFICATE_WRONG,
    code: 'entra.clock-wrong',
    message: 'Microsoft Entra finds the signed assertion outside its time.',
    hint: 'Check the clock of this host, and that the certificate has not expired.',
  },
  70011: SCOPE_WRONG,
  1002012: SCOPE_WRONG,
  500011: SCOPE_WRONG,
  53003: {
    kind: 'forbidden',
    code: 'entra.access-blocked',
    message: 'A conditional access policy blocks the application.',
    hint: 'Allow this host’s address for the application in the policy for workload identities.',
  },
  50196: BUSY,
  90033: BUSY,
  90055: BUSY,
};
const ALIASES: Readonly<Record<number, number>> = { 7000113: 7000112, 530034: 53003, 530035: 53003 };

/** What the latest exchange with the login host came to, where it was not a success; MSAL does not always tell. */
export interface EntraTrouble {
  /** No answer came. */
  failure?: Failure;
  /** Numbers of AADSTS errors in the answer. */
  errorNumbers?: readonly number[];
}

/** What went wrong at the token endpoint. The error's own text is left out: it may repeat what was sent. */
export function entraFailure(error: unknown, trouble: EntraTrouble = {}): Failure {
  if (isFailure(error)) return error;
  if (trouble.failure !== undefined) return trouble.failure;
  const { errorCode, errorNo, status, retryAfterSeconds } = fieldsOf(error);
  const number = errorNo > 0 ? errorNo : (trouble.errorNumbers?.[0] ?? 0);
  const meaning = MEANINGS[ALIASES[number] ?? number] ?? byName(errorCode, status);
  return new Failure(meaning.kind, {
    code: meaning.code,
    message: number > 0 ? `${meaning.message} (AADSTS${number})` : meaning.message,
    hint: meaning.hint,
    retry: meaning.retry ?? 'never',
    where: { ...(meaning.field && { field: meaning.field }), ...(number > 0 && { aadsts: String(number) }) },
    ...(retryAfterSeconds > 0 && { retryAfterMs: retryAfterSeconds * 1000 }),
  });
}

/** Errors without a number that we know: by MSAL's or OAuth's name of it, else by status. */
function byName(errorCode: string, status: number): EntraMeaning {
  switch (errorCode) {
    case 'invalid_client':
      return SECRET_WRONG;
    case 'unauthorized_client':
      return MEANINGS[700016] as EntraMeaning;
    case 'invalid_scope':
    case 'invalid_resource':
      return SCOPE_WRONG;
    case 'endpoints_resolution_error':
    case 'openid_config_error':
      return {
        kind: 'invalid-input',
        code: 'entra.not-found',
        message: 'At the login address there is no Microsoft Entra for this tenant.',
        hint: 'Check login address and directory (tenant) id.',
        field: 'loginUrl',
      };
    case 'temporarily_unavailable':
      return BUSY;
    default:
      if (status === 429 || status >= 500) return BUSY;
      return {
        kind: 'unauthenticated',
        code: 'entra.refused',
        message: `Microsoft Entra gives no token${errorCode === '' ? '' : ` (${errorCode})`}.`,
        hint: 'Check directory id, client id and credential of the tenant connection.',
        field: 'credential',
      };
  }
}

function fieldsOf(error: unknown) {
  const fields = (error ?? {}) as { errorCode?: unknown; errorNo?: unknown; status?: unknown; retryAfter?: unknown };
  return {
    errorCode: typeof fields.errorCode === 'string' ? fields.errorCode : '',
    errorNo: Number(fields.errorNo) || 0,
    status: Number(fields.status) || 0,
    retryAfterSeconds: Number(fields.retryAfter) || 0,
  };
}
