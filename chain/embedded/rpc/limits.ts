/** @file What clients of a chain may take of the thread that answers them, each and all together. */

/** Sizes in bytes, times in milliseconds. */
export type RpcLimits = {
  /** Of one request; the largest extrinsic that fits a block, in hex, and some more. */
  readonly requestBytes: number;
  /** How deep lists and objects of a request may lie in each other. */
  readonly requestDepth: number;
  /** Members of all lists and objects of a request. */
  readonly requestItems: number;
  /** Requests in a batch. */
  readonly batch: number;
  /** Of the answers to one batch. */
  readonly batchAnswerBytes: number;
  readonly subscriptions: number;
  readonly subscriptionsInAll: number;
  /** TCP connections, WebSocket or not. For one more, one of the address that has most gives way. */
  readonly connections: number;
  /** The same of one address that is not this machine's own. */
  readonly connectionsPerAddress: number;
  /** Requests and bytes of one client that wait for their turn; until there are fewer, nothing more is read from it. */
  readonly waitingRequests: number;
  readonly waitingBytes: number;
  /** What all clients together have sent and is not worked on yet; above it, who has sent most of it is cut off. */
  readonly waitingBytesInAll: number;
  /** Requests of one client that wait for the chain (extrinsics, `dev_*`). */
  readonly pendingRequests: number;
  /** While a client has so much to read yet, nothing more is done for it. */
  readonly unreadBytes: number;
  /** With so much it is cut off: notifications do not wait. */
  readonly mostUnreadBytes: number;
  /** What all clients together have yet to read; above it, who has most is cut off. */
  readonly unreadBytesInAll: number;
  /**
   * What a client may have been sent without having said (by the answer to a ping) that it read it, before more is done for it: at first,
   * after it has said so again and again, and how much more with each second in which it says nothing.
   */
  readonly unconfirmedBytes: number;
  readonly mostUnconfirmedBytes: number;
  readonly unconfirmedBytesPerSecond: number;
  /** Of the thread's time in each second; so much may be saved up. All HTTP requests of an address are one client. */
  readonly workMsPerSecond: number;
  readonly mostWorkMs: number;
  readonly workMsPerSecondInAll: number;
  /** So many bytes of answers and notifications count as a millisecond: to write them takes time too, and they fill the system's buffers. */
  readonly bytesPerMs: number;
  /** Who reads nothing of what waits for it, or leaves a request unfinished, for so long is cut off. */
  readonly stalledMs: number;
  /** The same for who asks nothing, has no subscription and waits for no answer. */
  readonly idleMs: number;
  /** A WebSocket is asked so often whether it is there; without an answer until the next time it is cut off. */
  readonly pingMs: number;
};

const KIB = 1024;
const MIB = 1024 * KIB;

/** For localnets and small public chains. */
export const DEFAULT_LIMITS: RpcLimits = {
  requestBytes: 8 * MIB,
  requestDepth: 32,
  requestItems: 50_000,
  batch: 1000,
  batchAnswerBytes: 16 * MIB,
  subscriptions: 128,
  subscriptionsInAll: 4096,
  connections: 256,
  connectionsPerAddress: 64,
  waitingRequests: 512,
  waitingBytes: MIB,
  waitingBytesInAll: 64 * MIB,
  pendingRequests: 64,
  unreadBytes: MIB,
  mostUnreadBytes: 16 * MIB,
  unreadBytesInAll: 128 * MIB,
  unconfirmedBytes: 64 * KIB,
  mostUnconfirmedBytes: 2 * MIB,
  unconfirmedBytesPerSecond: 64 * KIB,
  workMsPerSecond: 500,
  mostWorkMs: 1000,
  workMsPerSecondInAll: 900,
  bytesPerMs: 64 * KIB,
  stalledMs: 10_000,
  idleMs: 10 * 60_000,
  pingMs: 30_000,
};
