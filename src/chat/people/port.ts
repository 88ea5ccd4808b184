/** Organizations and users as the domain needs them; kept in Postgres (or PGlite). Every call has a deadline. */
export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly cell: string;
  /** Epoch of the cell's numbering. */
  readonly epoch: number;
}

/** As operators see it. */
export interface ListedOrganization extends Organization {
  /** Who were not shut out. */
  readonly people: number;
}

export interface User {
  readonly id: string;
  readonly organizationId: string;
  /** `sub` of the person's tokens; unique in the organization. */
  readonly subject: string;
  /** `[a-z0-9._-]{1,40}`, unique in the organization. */
  readonly handle: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly isBot: boolean;
  readonly deactivatedAt: Date | null;
}

export interface OrganizationStore {
  bySlug(slug: string): Promise<Organization | null>;
  byIds(ids: readonly string[]): Promise<readonly Organization[]>;
  /** Returns null when the slug is taken. */
  create(input: { slug: string; name: string; cell: string }): Promise<Organization | null>;
  list(): Promise<readonly ListedOrganization[]>;
}

export interface UserStore {
  bySubject(organizationId: string, subject: string): Promise<User | null>;
  /**
   * The user of this subject, made at the first call; safe to race on any number of replicas. A handle that is
   * taken gets the smallest free numeric suffix (`ada`, `ada-2`, …).
   */
  provision(input: {
    organizationId: string;
    subject: string;
    handle: string;
    name: string;
    avatarUrl?: string | null;
    isBot?: boolean;
  }): Promise<User>;
  /** Those of the ids that are of this organization, in no particular order. */
  byIds(organizationId: string, ids: readonly string[]): Promise<readonly User[]>;
  byHandles(organizationId: string, handles: readonly string[]): Promise<readonly User[]>;
  /** By (name, id). `search` is a prefix of handle or of any word of name, case-insensitive. */
  page(organizationId: string, page: KeysetPage & { search?: string }): Promise<KeysetSlice<User>>;
  /** Changes what is given; null as `avatarUrl` takes it away. Null when there is no such user. */
  updateProfile(input: {
    organizationId: string;
    userId: string;
    name?: string;
    avatarUrl?: string | null;
  }): Promise<User | null>;
  /** Sets deactivatedAt; null when there is no such handle. */
  deactivate(organizationId: string, handle: string): Promise<User | null>;
}

/**
 * A page by keyset. `after` and `before` are keys as `KeysetSlice.items[].key` gave them, both exclusive.
 * `limit` rows from the front, or from the back when `backward`; items always come in ascending order.
 */
export interface KeysetPage {
  readonly limit: number;
  readonly backward: boolean;
  readonly after?: string;
  readonly before?: string;
}

/** Throws ChatError BAD_USER_INPUT for a key that is not one of its own. */
export interface KeysetSlice<T> {
  readonly items: readonly { readonly key: string; readonly node: T }[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}
