import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Fold } from '../../ui/fold.tsx';
import panel from '../../ui/panel.module.css';
import styles from './evidence-card.module.css';
import { evidenceText } from './evidence-text.ts';

/** For the technician: every probe with all it brought back. */
export function EvidenceCard({ probes }: { probes: readonly ProbeResult[] }) {
  const { t: { connection } } = useWording();
  const text = useRef<HTMLPreElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={connection.technical}>
      <Fold label={connection.technical}>
        <div className={styles.head}>
          <p className={styles.text}>{probes.length > 0 ? connection.technicalText : connection.noEvidence}</p>
          {probes.length > 0 ? (
            <Button size="xs" variant="default" leftSection={copied ? <IconCheck size={15} /> : <IconCopy size={15} />} onClick={() => setCopied(text.current !== null && copyText(text.current))}>
              {copied ? connection.copied : connection.copy}
            </Button>
          ) : null}
        </div>
        {probes.length > 0 ? <pre ref={text} className={`${styles.evidence} selectable`} tabIndex={0}>{evidenceText(probes)}</pre> : null}
      </Fold>
    </section>
  );
}

/** The clipboard interface needs a permission, of which this window is given none; copying a selection needs only the press of a button. */
function copyText(element: HTMLElement): boolean {
  getSelection()?.selectAllChildren(element);
  // oxlint-disable-next-line typescript/no-deprecated
  return document.execCommand('copy');
}
