import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useClient } from '../../client/client-context.tsx';
import { countToSend } from '../../client/queue-counts.ts';
import type { QueueSummary } from '../../client/relevo-client.ts';
import { runRatio } from '../../client/run-progress.ts';
import { speedSeconds } from '../../client/speed-history.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import styles from './queue-summary-card.module.css';

/** The whole queue in one line of words, one bar and three figures. */
export function QueueSummaryCard({ summary }: { summary: QueueSummary }) {
  const wording = useWording();
  const { t } = wording;
  const client = useClient();
  const { counts, transfer, run, speeds } = summary;
  const toSend = countToSend(counts);
  const still = transfer.paused || transfer.hold !== undefined;
  const moving = counts.uploading + counts.completing > 0 && !still;
  const ratio = toSend === 0 ? 1 : runRatio(run);
  const line = toSend > 0 ? t.queue.summary(wording.count(toSend), wording.bytes(transfer.remainingBytes)) : t.queue.allSentText;
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={t.queue.total}>
      <div className={styles.main}>
        <p className={`${styles.line} numbers`}>{toSend === 0 && counts.completed > 0 && counts.needsAttention === 0 ? t.queue.allSent : line}</p>
        <ProgressBar ratio={ratio} label={t.queue.total} valueText={line} height={8} tone={toSend === 0 ? 'sent' : still ? 'waiting' : 'brand'} />
        <p className={`${styles.note} numbers`} data-attention={counts.needsAttention > 0 && !still}>{note()}</p>
      </div>
      <dl className={`${styles.figures} numbers`} data-idle={!moving}>
        <div>
          <dt>{t.queue.speed}</dt>
          <dd>{moving && transfer.bytesPerSecond > 0 ? wording.speed(transfer.bytesPerSecond) : '–'}</dd>
        </div>
        <div>
          <dt>{t.queue.timeLeft}</dt>
          <dd>{moving && transfer.secondsLeft !== undefined ? wording.duration(Math.max(1, Math.ceil(transfer.secondsLeft)) * 1000) : '–'}</dd>
        </div>
      </dl>
      <div className={styles.graph} data-idle={!moving && speeds.samples.every((speed) => speed === 0)}>
        <Sparkline samples={speeds.samples} span={speedSeconds} width={96} height={36} label={t.queue.speedGraph} />
      </div>
      {transfer.paused
        ? <Button size="sm" leftSection={<IconPlayerPlay size={16} />} onClick={() => void client.call.resumeQueue().catch(() => undefined)}>{t.queue.resumeAll}</Button>
        : <Button size="sm" variant="default" leftSection={<IconPlayerPause size={16} />} onClick={() => void client.call.pauseQueue().catch(() => undefined)}>{t.queue.pauseAll}</Button>}
    </section>
  );

  function note(): string {
    if (transfer.paused && toSend > 0) return t.queue.pausedText;
    if (transfer.hold && toSend > 0) return t.queue.holdText[transfer.hold];
    if (counts.needsAttention > 0) return t.queue.onlyAttention(wording.count(counts.needsAttention));
    if (toSend === 0) return t.queue.allSentText;
    if (moving) return wording.percent(ratio);
    return counts.queued > 0 && counts.blocked + counts.waiting === 0 ? t.queue.aboutToSend : t.queue.held;
  }
}
