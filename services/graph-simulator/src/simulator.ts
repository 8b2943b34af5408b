import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlClient } from './control-client.ts';
import { addApplication, FIRST_ROLES } from './control/applications.ts';
import { changeSettings, controlRoutes } from './control/control-routes.ts';
import { ControlServer } from './control/control-server.ts';
import type { ClientCertificate, SimulatorReady } from './protocol/ready.ts';
import { RequestLog } from './control/request-log.ts';
import { ScheduledChanges } from './control/scheduled-changes.ts';
import { copyMonitors } from './drives/graph/copy-routes.ts';
import { driveDownloads } from './drives/graph/downloads.ts';
import { driveUploads } from './drives/graph/upload-session.ts';
import { AccessTokens } from './entra/access-tokens.ts';
import { LoginService } from './entra/login-service.ts';
import { faultsInBatches } from './faults/faults-in-batches.ts';
import { FaultRules } from './faults/fault-rules.ts';
import type { GraphContext } from './graph/graph-context.ts';
import { GraphService } from './graph/graph-service.ts';
import { Links } from './graph/links.ts';
import { clientCertificate, folderSecret, serverIdentity } from './http/certificates.ts';
import { GraphServer } from './http/graph-server.ts';
import { MailboxLimits } from './limits/mailbox-limits.ts';
import { outlookPaths } from './limits/path-limits.ts';
import { sharePointPaths } from './limits/sharepoint-paths.ts';
import { SharePointLimits } from './limits/sharepoint-limits.ts';
import { RetryAfterWatch } from './limits/retry-after-watch.ts';
import { eventTarget } from './calendar/graph/event-attachment-routes.ts';
import { messageTarget } from './mail/graph/attachment-routes.ts';
import { outlookUploads } from './outlook/attachments/upload-sessions.ts';
import type { SimulatorOptions } from './options.ts';
import type { ApplicationRecord } from './tenant/event.ts';
import { shapeOfStateFolder } from './tenant/state-folder.ts';
import { Tenant } from './tenant/tenant.ts';

/** A running simulator. */
export interface Simulator extends SimulatorReady {
  /** The authority that signed the server's certificate, in PEM: what clients have to trust. */
  caCertificate: string;
  control: ControlClient;
  /** Stops answering; a temporary state folder is removed. */
  close(): Promise<void>;
}

/**
 * Starts Graph, Entra and the control port in this process. With a state folder that was used before, the tenant is as it
 * was left, whatever ended the process then.
 * @throws Error that names the option that is wrong, or says that a port is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const folder = options.state ?? mkdtempSync(join(tmpdir(), 'graph-simulator-'));
  const shape = shapeOfStateFolder(folder, options);
  const start = new Date();
  const [identity, certificate] = await Promise.all([serverIdentity(folder, start), clientCertificate(folder, start)]);
  const secret = folderSecret(folder);
  const tenant = new Tenant(folder, shape);
  const now = (): Date => new Date(Date.now() + tenant.settings.clockAheadSeconds * 1000);
  applyStartOptions(tenant, options);
  const application = firstApplication(tenant, certificate);
  const context: GraphContext = { tenant, links: new Links(secret.toString('hex')), now };
  const limits = new MailboxLimits();
  const sharePoint = new SharePointLimits();
  const tokens = new AccessTokens(tenant, secret);
  const login = new LoginService(tenant, tokens);
  const scheduled = new ScheduledChanges(context);
  const faults = new FaultRules();
  const log = new RequestLog(join(folder, 'requests.log'));
  const server = new GraphServer(identity, {
    context,
    graph: new GraphService(
      context,
      [outlookPaths(context, limits), sharePointPaths(context, sharePoint)],
      faultsInBatches(context, faults),
    ),
    login,
    tokens,
    open: [
      outlookUploads(context, limits, { message: messageTarget(context), event: eventTarget(context) }),
      driveUploads(context, sharePoint),
      driveDownloads(context, sharePoint),
      copyMonitors(context),
    ],
    watch: new RetryAfterWatch(),
    faults,
    log,
    onGraphRequest: (n) => scheduled.onRequest(n),
  });
  const controlToken = randomBytes(24).toString('base64url');
  const control = new ControlServer(controlToken, controlRoutes({ context, faults, log, scheduled }));
  const root = `https://127.0.0.1:${await server.listen(options.port ?? 0)}`;
  context.links.root = root;
  login.root = root;
  const controlUrl = `http://127.0.0.1:${await control.listen(options.controlPort ?? 0)}`;
  return {
    graphUrl: root,
    loginUrl: root,
    controlUrl,
    controlToken,
    tenantId: tenant.id,
    clientId: application.clientId,
    clientSecret: application.secrets[0]!.value,
    clientCertificate: {
      certificatePath: certificate.certificatePath,
      keyPath: certificate.keyPath,
      thumbprintSha256: certificate.thumbprintSha256,
    },
    caPath: identity.authorityPath,
    pid: process.pid,
    caCertificate: identity.authority,
    control: new ControlClient(controlUrl, controlToken),
    close: async () => {
      await Promise.all([server.close(), control.close()]);
      tenant.close();
      log.close();
      if (options.state === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What may differ from start to start. */
function applyStartOptions(tenant: Tenant, options: SimulatorOptions): void {
  const { latencyMs, uploadLimitBytes, resourceUnits } = options;
  if (latencyMs === undefined && uploadLimitBytes === undefined && resourceUnits === undefined) return;
  changeSettings(tenant, {
    ...(latencyMs !== undefined && { latencyMs }),
    limits: {
      ...(uploadLimitBytes !== undefined && { uploadBytesPer5Minutes: uploadLimitBytes }),
      ...(resourceUnits !== undefined && { resourceUnitsPerWindow: resourceUnits }),
    },
  });
}

/** Registered at the first start, with a secret and a certificate. */
function firstApplication(tenant: Tenant, certificate: ClientCertificate & { certificate: string }): ApplicationRecord {
  if (tenant.applications.size === 0) {
    addApplication(tenant, { displayName: 'Backup application', roles: FIRST_ROLES }, [certificate.certificate]);
  }
  return tenant.applications.values().next().value!;
}
