export * from './arbitrary-messages.ts';
export { goldenMessages, type GoldenMessage } from './golden.ts';
export { formatOf, messageFormats, type MessageFormat } from './message-formats.ts';
export { samples } from './samples.ts';
