/** `POST /auth/dev`: a token for anybody of this machine, as anybody. Exists in AUTH_MODE=dev alone. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { isHandle, isSlug } from '../auth/claims.ts';
import type { SignedToken } from '../auth/sign.ts';
import { BadBody, readJson } from './body.ts';
import { sendJson, sendRefusal } from './replies.ts';

const MAX_BYTES = 10_000;
const wanted = z.object({
  organization: z.string().refine(isSlug),
  handle: z.string().refine(isHandle),
});

/** Makes the token; the person need not exist yet. */
export type DevSignIn = (organization: string, handle: string) => Promise<SignedToken>;

export async function answerDevSignIn(
  signIn: DevSignIn,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return sendRefusal(response, { status: 405, code: 'BAD_USER_INPUT', message: 'Use POST.' });
  }
  // A page of another site can post text without asking; for JSON the browser asks first, and is told no.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return sendRefusal(response, {
      status: 415,
      code: 'BAD_USER_INPUT',
      message: 'Send JSON, with `content-type: application/json`.',
    });
  }
  try {
    const body = wanted.safeParse(await readJson(request, MAX_BYTES));
    if (!body.success) {
      return sendRefusal(response, {
        status: 400,
        code: 'BAD_USER_INPUT',
        message:
          'Send {"organization": …, "handle": …}: an organization is 1 to 40 of a-z 0-9 . _ - with a letter or digit at both ends, a handle 1 to 40 of the same.',
      });
    }
    sendJson(response, 200, await signIn(body.data.organization, body.data.handle));
  } catch (error) {
    if (!(error instanceof BadBody)) throw error;
    if (error.status === 413) response.setHeader('connection', 'close');
    sendRefusal(response, { status: error.status, code: 'BAD_USER_INPUT', message: error.message });
  }
}
