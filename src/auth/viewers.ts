/**
 * From a token to the viewer, for every request and every operation. The database is the authority on who exists
 * and who was shut out; it is asked at most once a second for a person, and while it does not answer, whoever was
 * known in the last five minutes stays signed in, so that what needs no database works on.
 */
import type { Clock } from '../chat/clock.ts';
import type { Epochs } from '../chat/epoch/watch.ts';
import { forbidden, unauthenticated, unavailable } from '../chat/errors.ts';
import type { Organization, OrganizationStore, User, UserStore } from '../chat/people/port.ts';
import { ShutOutLately } from '../chat/people/shut-out-lately.ts';
import type { Viewer } from '../chat/viewer.ts';
import type { Claims } from './claims.ts';
import { Remembered } from './remembered.ts';
import type { VerifyToken } from './verify.ts';

const PATIENCE = { capacity: 20_000, freshMs: 1_000, staleMs: 5 * 60_000, patienceMs: 1_000 };
const LIMIT_MS = 8_000;
/**
 * A token's claims are true until it ends. Its signature is checked again now and then all the same: the identity provider
 * may have taken the key back. While the provider does not answer nobody is signed out for that.
 */
const SIGNATURES = { capacity: 20_000, freshMs: 10 * 60_000, staleMs: Infinity, patienceMs: 1_000 };

export interface Viewers {
  /**
   * Throws ChatError UNAUTHENTICATED (the token, or a deactivated person), FORBIDDEN (the organization does not
   * exist), UNAVAILABLE (nobody knows the person while the database is down); or rejects with it. Whoever was looked up
   * just now is there at once, without a promise.
   */
  of(token: string): Viewer | Promise<Viewer>;
}

/** Viewers as they are remembered, and those who are not to be any more. */
export interface RememberedViewers extends Viewers {
  /** The person was deactivated: refused from now on, whatever is remembered of them or on its way. */
  shutOut(person: { readonly organizationId: string; readonly userId: string }): void;
}

export interface ViewerSources {
  readonly verify: VerifyToken;
  readonly organizations: OrganizationStore;
  readonly users: UserStore;
  readonly mode: 'dev' | 'jwt';
  readonly clock: Clock;
  /** Knows of a restore sooner than what is remembered of an organization here. */
  readonly epochs?: Pick<Epochs, 'of'>;
  /** How long a lookup may take. */
  readonly limitMs?: number;
}

/** Looks viewers up, makes the user at a person's first token, and in dev mode the organization too. */
export function createViewers(sources: ViewerSources): RememberedViewers {
  const { verify, organizations, users, mode, clock, epochs, limitMs = LIMIT_MS } = sources;
  const tokens = new Remembered<Claims>(SIGNATURES, clock);
  const tenants = new Remembered<Organization>(PATIENCE, clock);
  const people = new Remembered<User>(PATIENCE, clock);
  const gone = new ShutOutLately();

  async function organization(slug: string): Promise<Organization> {
    const found =
      (await organizations.bySlug(slug)) ??
      (mode === 'dev'
        ? ((await organizations.create({ slug, name: slug, cell: 'default' })) ??
          // Taken: somebody else has just made it.
          (await organizations.bySlug(slug)))
        : null);
    if (found === null) throw forbidden('The organization of this token does not exist here.');
    return found;
  }

  async function person(organizationId: string, { subject, handle, name }: Claims): Promise<User> {
    return (
      (await users.bySubject(organizationId, subject)) ??
      users.provision({ organizationId, subject, handle, name })
    );
  }

  async function lookUp(token: string): Promise<Viewer> {
    const claims = await tokens.get(token, () => verify(token));
    refuseExpired(claims);
    const tenant = await tenants.get(claims.organization, () => organization(claims.organization));
    const user = await people.get(keyOf(tenant, claims), () => person(tenant.id, claims));
    return admitted(claims, tenant, user);
  }

  /** Of what needs no asking; undefined where something does. Once a second that is so for everybody. */
  function known(token: string): Viewer | undefined {
    const claims = tokens.fresh(token);
    if (claims === undefined) return undefined;
    const tenant = tenants.fresh(claims.organization);
    if (tenant === undefined) return undefined;
    const user = people.fresh(keyOf(tenant, claims));
    if (user === undefined) return undefined;
    refuseExpired(claims);
    return admitted(claims, tenant, user);
  }

  function refuseExpired({ acceptedUntil }: Claims): void {
    if (acceptedUntil <= clock.now()) throw unauthenticated('The token has expired. Sign in again.');
  }

  function admitted(claims: Claims, { id, slug, cell, epoch }: Organization, user: User): Viewer {
    // Looked at last: what the database said may be from before.
    const isGone = user.deactivatedAt !== null || gone.has({ organizationId: id, userId: user.id });
    if (isGone) throw unauthenticated('This person has been shut out.');
    return {
      tenant: { organizationId: id, slug, cell, epoch: epochs?.of({ cell, epoch }) ?? epoch },
      userId: user.id,
      handle: user.handle,
      // Dev mode gives no admin role, whatever a token says.
      isAdmin: mode === 'jwt' && claims.isAdmin,
      expiresAt: claims.expiresAt,
    };
  }

  return {
    of: (token) => known(token) ?? inTime(lookUp(token), limitMs),
    shutOut: (person) => gone.add(person),
  };
}

const keyOf = ({ id }: Organization, { subject }: Claims): string => `${id}/${subject}`;

/** Several questions follow each other for somebody new; together they leave time to answer the request. */
async function inTime(viewer: Promise<Viewer>, ms: number): Promise<Viewer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(unavailable('database')), ms);
  try {
    return await Promise.race([viewer, late]);
  } finally {
    clearTimeout(timer);
  }
}
