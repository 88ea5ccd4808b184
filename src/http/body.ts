/** Reads a small JSON body under a bound. */
import type { IncomingMessage } from 'node:http';

/** Thrown for a body that is too long or no JSON. */
export class BadBody extends Error {
  override readonly name = 'BadBody';
  readonly status: 400 | 413;
  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxBytes) throw new BadBody(413, `The body is over ${maxBytes} bytes.`);
    chunks.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadBody(400, 'The body is not JSON.');
  }
}
