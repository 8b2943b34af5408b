const TYPES: Readonly<Record<string, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  pdf: 'application/pdf',
  jpg: 'image/jpeg',
  png: 'image/png',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  json: 'application/json',
  zip: 'application/x-zip-compressed',
  mp4: 'video/mp4',
  one: 'application/msonenote',
  onetoc2: 'application/msonenote',
};

/** The media type that OneDrive gives a file by its name. */
export function mediaType(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return TYPES[extension] ?? 'application/octet-stream';
}

/** Whether SharePoint writes into such a file when it is uploaded. */
export function isOfficeFile(name: string): boolean {
  return /\.(docx|xlsx|pptx)$/i.test(name);
}
