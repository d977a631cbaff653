/** @file What a sandbox can be told when it starts. Durations are milliseconds unless the name ends in `S` (seconds). */

export const serviceNames = ['gateway', 'auth', 'user', 'media', 'spaces'] as const;
export type ServiceName = (typeof serviceNames)[number];

export type ContractName = 'sessions' | 'heartguard';

export type SpacesOption =
  | { kind: 'embedded' }
  | { kind: 'env'; endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };

export interface Limits {
  /** Contract A: bytes of a whole multipart/form-data request. */
  photoRequestBytes: number;
  /** Contract B. */
  maxFileBytes: number;
  partBytes: number;
  maxPartsInFlight: number;
  acceptedTypes: string[];
  /** Uploads in one batch. */
  batchUploads: number;
}

export interface Timeouts {
  /** How long the gateway waits for a service (`GATEWAY_SERVICE_TIMEOUT`). */
  gatewayMs: number;
  /** Contract A: media's waiting for Spaces, per try, as boto3 is configured there. */
  mediaConnectMs: number;
  mediaReadMs: number;
  mediaTries: number;
  /** The back-off between those tries: random up to this, doubling. */
  mediaBackoffMs: number;
  /** Contract B and `readyz`: one try, so that media answers before the gateway gives up. */
  sessionConnectMs: number;
  sessionReadMs: number;
  /** How long the system takes to say EHOSTUNREACH when ARP fails. */
  onLinkMs: number;
  accessTokenS: number;
  refreshTokenS: number;
  /** How long an upload session lives, and a presigned URL. */
  sessionTtlS: number;
  urlTtlS: number;
}

export interface RateLimit {
  perSecond: number;
  burst: number;
}

export interface SandboxOptions {
  /** Everything that must survive a restart lies here. Made when missing. */
  dataDir: string;
  /** The gateway's port; 0 or absent: a free one. */
  port?: number;
  spaces: SpacesOption;
  contract: ContractName;
  limits?: Partial<Limits>;
  timeouts?: Partial<Timeouts>;
  /** Puts a front with faults before Spaces that are not ours. The embedded ones always have it. */
  spacesFront?: boolean;
  /** Read every completed object back and hash it (default). False trusts size and ETag: for measuring the client alone. */
  verifySha?: boolean;
  /** Per account at the gateway; absent: none. */
  rateLimit?: RateLimit;
  /** For faults with a probability. */
  random?: () => number;
  log?: (line: string) => void;
}

const mebibyte = 1024 * 1024;

export const defaultLimits: Limits = {
  photoRequestBytes: 5 * mebibyte,
  maxFileBytes: 1024 * mebibyte,
  partBytes: 8 * mebibyte,
  maxPartsInFlight: 8,
  acceptedTypes: ['image/jpeg', 'image/png', 'image/webp'],
  batchUploads: 100,
};

export const defaultTimeouts: Timeouts = {
  gatewayMs: 5_000,
  mediaConnectMs: 10_000,
  mediaReadMs: 30_000,
  mediaTries: 4,
  mediaBackoffMs: 1_000,
  sessionConnectMs: 4_000,
  sessionReadMs: 4_000,
  onLinkMs: 3_070,
  accessTokenS: 15 * 60,
  refreshTokenS: 7 * 24 * 3600,
  sessionTtlS: 7 * 24 * 3600,
  urlTtlS: 3600,
};
