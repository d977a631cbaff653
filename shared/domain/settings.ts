import { z } from 'zod';
import { gatewaySchema } from './gateway.ts';

const minuteOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const kilobytesPerSecond = z.number().int().min(1).max(1_000_000);

/** A limit that holds at certain hours, by this computer's clock. `to` earlier than `from` runs over midnight. */
const limitedHoursSchema = z.strictObject({
  /** 1 is Monday, 7 Sunday: the day on which the hours begin. */
  days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
  from: minuteOfDay,
  to: minuteOfDay,
  /** Thousands of bytes a second for everything together; absent: no limit in these hours. */
  kilobytesPerSecond: kilobytesPerSecond.optional(),
});
export type LimitedHours = z.infer<typeof limitedHoursSchema>;

/** A proxy's sign-in is kept apart, sealed; in an address it would be read by whoever sees the settings. */
const proxyAddress = z.url({ protocol: /^https?$/ }).max(500).regex(/^https?:\/\/[^\s/@?#]+\/?$/);

const fields = {
  gateway: gatewaySchema,
  language: z.enum(['es', 'en']),
  theme: z.enum(['system', 'light', 'dark']),
  /** Photos sent at the same time. */
  concurrency: z.number().int().min(1).max(16),
  /** Where a photo was taken and the serial number of the camera are taken out of it before it is kept. */
  removeLocation: z.boolean(),
  /** The window asks for the password again after this many minutes without use; 0: never. */
  lockAfterMinutes: z.number().int().min(0).max(480),
  /** Everybody who signs in on this computer sees and sends what anybody has added here for the same gateway. */
  shareQueue: z.boolean(),
  /** Whoever is signed in may enter the clinic's own Spaces keys in the window: all photos of this computer then go there. */
  ownKeysInWindow: z.boolean(),
  /**
   * For a gateway's address, those that the same backend had before; `unknown` stands for photos of which an earlier version did not note
   * the gateway. See [Note: a backend that moves] in `engine/account/owner.ts`.
   */
  formerGateways: z.record(gatewaySchema, z.array(z.union([z.literal('unknown'), gatewaySchema])).max(10)),
  /** `system`: as the operating system says, scripts (PAC) included; `none`; or the address of one. */
  proxy: z.union([z.enum(['system', 'none']), proxyAddress]),
  /** Hosts that a proxy of our own choice is not used for: names, `*.name`, addresses. */
  proxyBypass: z.array(z.string().min(1).max(253)).max(100),
  /** Whether what goes over the network costs money: as the operating system says, or as a person knows better. */
  meteredNetwork: z.enum(['auto', 'yes', 'no']),
  onMetered: z.enum(['send', 'pause', 'limit']),
  /** Thousands of bytes a second on a metered network, where `onMetered` is `limit`. */
  meteredLimit: kilobytesPerSecond,
  /** Thousands of bytes a second for everything together, at hours that the timetable does not name; 0: no limit. */
  bandwidthLimit: z.number().int().min(0).max(1_000_000),
  /** The first entry that holds at a moment decides. */
  bandwidthTimetable: z.array(limitedHoursSchema).max(20),
  /** What the diagnosis compares with: a name server and a page that are known to work from this clinic. */
  controlResolver: z.union([z.ipv4(), z.ipv6()]),
  controlPage: z.url({ protocol: /^https?$/ }).max(500),
  /** Answers 204 with nothing in it. In clear, for no portal can answer in place of an encrypted page. */
  controlPortalPage: z.url({ protocol: /^http$/ }).max(500),
};

/** What a person or an administrator may set. Unknown keys are refused, so that a typing error is noticed. */
export const settingsSchema = z.strictObject({
  gateway: fields.gateway.optional(),
  language: fields.language.default('es'),
  theme: fields.theme.default('system'),
  concurrency: fields.concurrency.default(6),
  removeLocation: fields.removeLocation.default(true),
  lockAfterMinutes: fields.lockAfterMinutes.default(15),
  shareQueue: fields.shareQueue.default(false),
  ownKeysInWindow: fields.ownKeysInWindow.default(false),
  formerGateways: fields.formerGateways.default({}),
  proxy: fields.proxy.default('system'),
  proxyBypass: fields.proxyBypass.default([]),
  meteredNetwork: fields.meteredNetwork.default('auto'),
  onMetered: fields.onMetered.default('send'),
  meteredLimit: fields.meteredLimit.default(250),
  bandwidthLimit: fields.bandwidthLimit.default(0),
  bandwidthTimetable: fields.bandwidthTimetable.default([]),
  controlResolver: fields.controlResolver.optional(),
  controlPage: fields.controlPage.optional(),
  controlPortalPage: fields.controlPortalPage.optional(),
});
export type Settings = z.infer<typeof settingsSchema>;
export type SettingName = keyof Settings;
export const settingNames = Object.keys(settingsSchema.shape) as [SettingName, ...SettingName[]];
export const settingNameSchema = z.enum(settingNames);
export const defaultSettings: Settings = settingsSchema.parse({});

/** Some of the settings: what is not named stays as it is, so nothing here may have a default. */
export const settingsChangesSchema = z.strictObject(fields).partial();

/** What only an administrator sets, by the command line or for all computers at once; a window may not change it. */
export const administratorSettings: readonly SettingName[] = ['shareQueue', 'ownKeysInWindow', 'formerGateways', 'controlResolver', 'controlPage', 'controlPortalPage'];
