import { IconShieldCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useQueueSummary } from '../../client/client-context.tsx';
import { countToSend } from '../../client/queue-counts.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Mark } from '../../ui/mark.tsx';
import panel from '../../ui/panel.module.css';
import { SignInForm } from './sign-in-form.tsx';
import styles from './sign-in-screen.module.css';

/** @param tools language and appearance, which must be within reach before anybody has signed in */
export function SignInScreen({ tools }: { tools: ReactNode }) {
  const { t, count } = useWording();
  const summary = useQueueSummary();
  const waiting = summary ? countToSend(summary.counts) : 0;
  return (
    <div className={styles.screen}>
      <div className={styles.tools}>{tools}</div>
      <main className={styles.main}>
        <div className={styles.brand}>
          <Mark size={34} />
          <span>{t.product}</span>
        </div>
        <section className={`${panel.panel} ${styles.card}`}>
          <h1 className={styles.title}>{t.signIn.title}</h1>
          <p className={styles.subtitle}>{t.signIn.subtitle}</p>
          <SignInForm />
        </section>
        <p className={styles.promise}>
          <IconShieldCheck size={18} stroke={1.7} aria-hidden />
          <span>{waiting > 0 ? t.signIn.waiting(count(waiting)) : t.signIn.promise}</span>
        </p>
      </main>
    </div>
  );
}
