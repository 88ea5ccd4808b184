/** The public limits (contract, "Limits"). One place, so that schema, transports and tests name the same numbers. */
export const limits = {
  /** UTF-16 code units of a message's text. */
  textUnits: 16_000,
  /** Bytes of a message's metadata as JSON. */
  metadataBytes: 16 * 1024,
  /** Bytes of a signal's payload as JSON. */
  signalBytes: 4 * 1024,
  /** UTF-16 code units of a signal's name, and of its key. */
  signalNameUnits: 64,
  /** People watched by one `presence` subscription. */
  presencePeople: 500,
  pageSize: 200,
  defaultPageSize: 50,
  /** Bytes of an HTTP request's body. */
  bodyBytes: 1_000_000,
  /** Bytes of one WebSocket frame. */
  frameBytes: 256 * 1024,
  operationsPerSocket: 64,
  connectionsPerUser: 20,
  /** How long before its token ends a connection is told so. */
  sessionNoticeMs: 60_000,
  /** Messages replayed for one channel before HistorySkipped takes over. */
  replayMessages: 1_000,
  /** Changes walked for one channel before HistorySkipped takes over. */
  replayChanges: 16_384,
  positionsPerEvent: 200,
  dmOthers: 8,
  nameUnits: 80,
  topicUnits: 1_000,
  /**
   * What one operation may ask for, unless an operator says otherwise. A page of 200 messages with all that can be shown
   * of them costs a fifth of what is allowed, GraphiQL's introspection less.
   */
  operation: {
    /** Tokens of a document: GraphiQL's introspection has some 400, a page with everything in it some 1,000. */
    tokens: 5_000,
    /** Fields within each other: introspection has 15, a thread's reactions' people's presence in the sidebar 16. */
    depth: 20,
    /** Fields under another name, in a document. */
    aliases: 100,
    /** Uses of directives in a document. */
    directives: 50,
    /** Values that the answer may hold, by the sizes of the pages asked for. */
    cost: 100_000,
  },
  /** Every request settles within this, with an answer or a code. */
  requestMs: 15_000,
} as const;
