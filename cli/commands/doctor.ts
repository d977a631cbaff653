import { exitCodeOf } from '../../engine/diagnostics/exit-code.ts';
import { diagnosisCodeSchema, type Diagnosis, type DoctorReport } from '../../shared/domain/diagnosis.ts';
import { statesOf } from '../../shared/domain/queue-filter.ts';
import { callErrorText } from '../../shared/texts/call-errors.ts';
import { diagnosisText } from '../../shared/texts/diagnoses.ts';
import { formatClockTime, formatRelativeTime } from '../../shared/texts/format.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';

/** Checks the connection from the cable to Spaces and says what is wrong; asks a running engine, which knows more of the past. */
export async function doctor(context: CommandContext, options: { only?: string }): Promise<number> {
  const only = options.only === undefined ? undefined : diagnosisCodeSchema.safeParse(options.only.toUpperCase());
  if (only && !only.success) throw new CommandFailure('usage', context.texts.doctor.unknownCode(printable(options.only ?? '')), exitCodes.usage);
  const bar = context.progress();
  const { report, status, gateway } = await context.withEngine(async (engine) => {
    const stop = engine.on('check', ({ done, total }) => bar.show(total === 0 ? 0 : done / total, `${done}/${total}`));
    try {
      return { report: await engine.call.checkConnection(only?.data ? { only: only.data } : {}), status: await engine.call.getStatus(), gateway: (await engine.call.getSettings()).gateway };
    } finally {
      stop();
      bar.clear();
    }
  });
  const { counts, keySource } = status;
  const toSend = [...statesOf.sending, ...statesOf.waiting].reduce((sum, name) => sum + counts[name], 0);
  context.print(described(context, report, { key: context.texts.status.keys[keySource], toSend, hasGateway: gateway !== undefined }));
  if (status.administratorFile === 'unreadable') context.print(context.texts.status.administratorFile);
  const { schema_version: _, ...told } = report;
  context.printJson('doctor', told);
  return exitCodeOf(report.diagnosis);
}

interface Described { key: string; toSend: number; hasGateway: boolean }

function described(context: CommandContext, { diagnosis, probes, contract }: DoctorReport, { key, toSend, hasGateway }: Described): string {
  const { language, texts } = context;
  const named = diagnosisText(language, diagnosis.code, diagnosis.params);
  // There the cause is known well enough, and it is for whoever reads this to end it.
  const unset = !hasGateway && diagnosis.code === 'INCONCLUSIVE';
  const text = unset ? { ...named, sentence: callErrorText(language, 'no-gateway').what, staff: texts.doctor.setGateway } : named;
  const broken = probes.filter((probe) => probe.status === 'error').length;
  return [
    `${diagnosis.code}: ${text.sentence}${diagnosis.certainty === 'probable' ? ` (${texts.doctor.probable})` : ''}`,
    ...diagnosis.overlays.map((overlay) => `${overlay}: ${diagnosisText(language, overlay).sentence}`),
    `${texts.doctor.staff}: ${text.staff}`,
    // Few of the texts say what becomes of the photos; here, as in the window, it is said once for all of them.
    ...(diagnosis.severity === 'fail' && toSend > 0 ? [texts.doctor.photosSafe(toSend)] : []),
    `${texts.doctor.support}: ${text.support}`,
    ...(diagnosis.evidence.length > 0 ? [`${texts.doctor.evidence}:`, ...diagnosis.evidence.map(evidenceLine)] : []),
    texts.doctor.probes(probes.filter((probe) => probe.status === 'ran').length, broken),
    ...wayLines(context, contract),
    `${texts.status.key}: ${key}`,
  ].join('\n');
}

function wayLines({ texts, language }: CommandContext, report: DoctorReport['contract']): string[] {
  if (!report) return [];
  const now = Date.now();
  const { contract, since, lastAsked, doubtedSince } = report;
  const names = texts.status.contracts;
  const asked = lastAsked && formatRelativeTime(language, lastAsked.at, now);
  return [
    texts.way.inForce(contract && names[contract], since === undefined ? undefined : formatClockTime(language, since, now)),
    ...(lastAsked && asked ? [lastAsked.name === 'learnt' ? texts.way.learnt(names[lastAsked.contract], asked) : texts.way.unclear(printable(lastAsked.detail), asked)] : []),
    ...(doubtedSince === undefined ? [] : [texts.way.doubted(formatClockTime(language, doubtedSince, now))]),
  ];
}

function evidenceLine({ layer, target, says }: Diagnosis['evidence'][number]): string {
  return `  ${[layer, target].filter(Boolean).join(' ')}${layer ?? target ? '  ' : ''}${printable(says)}`;
}
