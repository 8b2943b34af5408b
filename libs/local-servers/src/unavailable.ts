/** A server cannot be had on this machine. The message says what is missing and what to do about it. */
export class ServerUnavailable extends Error {
  override readonly name = 'ServerUnavailable';
}
