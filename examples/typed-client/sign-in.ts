/** Signing in by name alone, which a server in dev mode allows. In production the token comes from your identity provider. */
import type { Server } from './http.ts';

export async function signIn(url: string, organization: string, handle: string): Promise<Server> {
  const response = await fetch(new URL('/auth/dev', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ organization, handle }),
    signal: AbortSignal.timeout(20_000),
  });
  if (!response.ok) throw new Error(`Signing in answered HTTP ${response.status}: ${await response.text()}`);
  const { token } = (await response.json()) as { token: string };
  return { url, token };
}
