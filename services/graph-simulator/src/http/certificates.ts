import 'reflect-metadata';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { ClientCertificate } from '../protocol/ready.ts';

export interface ServerIdentity {
  key: string;
  certificate: string;
  /** Certificate of the authority, in PEM. */
  authority: string;
  authorityPath: string;
}

type KeyPair = webcrypto.CryptoKeyPair;

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const;
const YEARS_MS = 10 * 365 * 86_400_000;

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

/** The server's key and certificate, and the authority that signed it; made at the first start, kept in the state folder. */
export async function serverIdentity(folder: string, now: Date): Promise<ServerIdentity> {
  const path = (name: string): string => join(folder, name);
  const authorityPath = path('ca.pem');
  if (!existsSync(path('server.pem'))) {
    const authorityKeys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
    const serverKeys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
    const authorityName = 'CN=Graph simulator authority';
    const authority = await X509CertificateGenerator.createSelfSigned({
      ...validity(now),
      serialNumber: serial(),
      name: authorityName,
      keys: authorityKeys as never,
      signingAlgorithm: EC,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    });
    const server = await X509CertificateGenerator.create({
      ...validity(now),
      serialNumber: serial(),
      subject: 'CN=localhost',
      issuer: authorityName,
      publicKey: serverKeys.publicKey as never,
      signingKey: authorityKeys.privateKey as never,
      signingAlgorithm: EC,
      extensions: [
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          { type: 'ip', value: '::1' },
        ]),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      ],
    });
    writeFileSync(authorityPath, authority.toString('pem'));
    writeFileSync(path('server-key.pem'), await privatePem(serverKeys), { mode: 0o600 });
    writeFileSync(path('server.pem'), server.toString('pem'));
  }
  return {
    key: readFileSync(path('server-key.pem'), 'utf8'),
    certificate: readFileSync(path('server.pem'), 'utf8'),
    authority: readFileSync(authorityPath, 'utf8'),
    authorityPath,
  };
}

/** A certificate for client assertions, with its private key in a file; made at the first start. */
export async function clientCertificate(
  folder: string,
  now: Date,
): Promise<ClientCertificate & { certificate: string }> {
  const certificatePath = join(folder, 'client.pem');
  const keyPath = join(folder, 'client-key.pem');
  if (!existsSync(certificatePath)) {
    const keys = await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity(now),
      serialNumber: serial(),
      name: 'CN=Backup application',
      keys: keys as never,
      signingAlgorithm: RSA,
    });
    writeFileSync(keyPath, await privatePem(keys), { mode: 0o600 });
    writeFileSync(certificatePath, certificate.toString('pem'));
  }
  const certificate = readFileSync(certificatePath, 'utf8');
  const thumbprintSha256 = new NodeCertificate(certificate).fingerprint256.replaceAll(':', '');
  return { certificate, certificatePath, keyPath, thumbprintSha256 };
}

/** A secret of the state folder: 32 random bytes, made at the first start. */
export function folderSecret(folder: string): Buffer {
  const path = join(folder, 'secret.bin');
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 });
  return readFileSync(path);
}

function validity(now: Date): { notBefore: Date; notAfter: Date } {
  // A day earlier: clocks of a test may be set back.
  return { notBefore: new Date(now.getTime() - 86_400_000), notAfter: new Date(now.getTime() + YEARS_MS) };
}

function serial(): string {
  return `00${randomBytes(15).toString('hex')}`;
}

async function privatePem(keys: KeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}
