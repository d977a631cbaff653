import { z } from 'zod';
import { accountStateSchema, knownPersonSchema, patientSchema } from '../shared/domain/account.ts';
import { doctorReportSchema } from '../shared/domain/diagnosis.ts';
import { ownKeysSchema, ownKeysTestSchema } from '../shared/domain/own-keys.ts';
import { ingestOutcomeSchema } from '../shared/domain/ingest.ts';
import { networkStateSchema } from '../shared/domain/network.ts';
import { settingsSchema } from '../shared/domain/settings.ts';
import { bundlePreviewSchema } from '../shared/domain/support.ts';
import { uploadItemSchema } from '../shared/domain/upload.ts';
import { callErrorCodeSchema } from '../shared/rpc/call-error.ts';
import { statusSchema, syncResultSchema } from '../shared/engine-contract.ts';

/**
 * [Note: what --json promises]
 *
 * Scripts read it, so a field here keeps its name and meaning as long as `schema_version` stays 1; fields may be added.
 * Every document is one line. `add` writes one a file.
 */
const version = { schema_version: z.literal(1) };

export const jsonDocuments = {
  error: z.object({ ...version, error: z.object({ code: z.string(), message: z.string() }) }),
  settings: z.object({ ...version, settings: settingsSchema, fixed: z.array(z.string()).optional() }),
  setting: z.object({ ...version, key: z.string(), value: z.json(), fixed: z.boolean().optional() }),
  account: z.object({ ...version, account: accountStateSchema }),
  people: z.object({ ...version, people: z.array(knownPersonSchema) }),
  patients: z.object({ ...version, patients: z.array(patientSchema), total: z.number().int(), fetchedAt: z.number().int().optional(), notRefreshed: callErrorCodeSchema.optional() }),
  added: z.intersection(ingestOutcomeSchema, z.object({ ...version, message: z.string().optional() })),
  sync: syncResultSchema.extend(version),
  status: statusSchema.extend({ ...version, items: z.array(uploadItemSchema).optional(), itemsTotal: z.number().int().optional() }),
  recovered: z.object({
    ...version, folder: z.string(), index: z.string(), recovered: z.number().int(), damaged: z.number().int(),
    photos: z.array(z.object({
      id: z.string(), verified: z.boolean(), file: z.string().optional(), reason: z.string().optional(), originalName: z.string().optional(),
      patientId: z.string().optional(), patientName: z.string().optional(), sha256: z.string().optional(), sizeBytes: z.number().int().optional(),
      contentType: z.string().optional(), addedAt: z.number().int().optional(), capturedAt: z.string().optional(), note: z.string().optional(), tags: z.array(z.string()).optional(),
    })),
  }),
  network: z.object({ ...version, network: networkStateSchema }),
  doctor: doctorReportSchema,
  bundle: bundlePreviewSchema.extend({ ...version, file: z.string(), sizeBytes: z.number().int() }),
  ownKeys: z.object({ ...version, ownKeys: ownKeysSchema.nullable() }),
  ownKeysTest: ownKeysTestSchema.extend({ ...version, saved: z.boolean().optional() }),
  queue: z.object({ ...version, paused: z.boolean() }),
  item: z.object({ ...version, item: uploadItemSchema }),
};
export type JsonDocuments = { [Name in keyof typeof jsonDocuments]: z.input<(typeof jsonDocuments)[Name]> };
/** Without the version, which the writer adds. */
export type JsonBody<Name extends keyof JsonDocuments> = JsonDocuments[Name] extends infer Document ? Document extends unknown ? Omit<Document, 'schema_version'> : never : never;

export function jsonLine(body: object): string {
  return `${JSON.stringify({ schema_version: 1, ...body })}\n`;
}
