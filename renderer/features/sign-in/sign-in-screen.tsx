import { UnstyledButton } from '@mantine/core';
import { IconArrowLeft, IconShieldCheck } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { KnownPerson, Person } from '../../../shared/domain/account.ts';
import { useQueueSummary } from '../../client/client-context.tsx';
import { countToSend } from '../../client/queue-counts.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { FrontFrame } from '../../ui/front-frame.tsx';
import panel from '../../ui/panel.module.css';
import { PeopleList } from './people-list.tsx';
import { SignInForm } from './sign-in-form.tsx';
import styles from './sign-in-screen.module.css';
import { usePeople } from './use-people.ts';

interface SignInScreenProps {
  /** Language and appearance, which must be within reach before anybody has signed in. */
  tools: ReactNode;
  /** Where a session is only locked: whose, and the way back to it. */
  locked?: { person: Person; gateway: string; onBack: () => void };
}

export function SignInScreen({ tools, locked }: SignInScreenProps) {
  const { t, count } = useWording();
  const summary = useQueueSummary();
  const people = usePeople(locked);
  const [chosen, setChosen] = useState<KnownPerson>();
  const waiting = summary && !locked && people.length === 0 ? countToSend(summary.counts) : 0;
  return (
    <FrontFrame tools={tools} wide={people.length > 0}>
      <section className={`${panel.panel} ${styles.card}`} data-wide={people.length > 0}>
        {people.length > 0 ? <PeopleList people={people} chosen={chosen} onChoose={setChosen} /> : null}
        <div className={styles.form}>
          <h1 className={styles.title}>{t.signIn.title}</h1>
          <p className={styles.subtitle}>{t.signIn.subtitle}</p>
          <SignInForm key={chosen ? `${chosen.gateway} ${chosen.person.id}` : ''} email={chosen?.person.email} gateway={chosen?.gateway} serverStays={locked !== undefined} />
        </div>
      </section>
      {locked ? (
        <UnstyledButton className={styles.back} onClick={locked.onBack}>
          <IconArrowLeft size={16} stroke={1.8} aria-hidden />
          {t.signIn.backToLock(locked.person.name)}
        </UnstyledButton>
      ) : (
        <p className={styles.promise}>
          <IconShieldCheck size={18} stroke={1.7} aria-hidden />
          <span>{waiting > 0 ? t.signIn.waiting(count(waiting)) : t.signIn.promise}</span>
        </p>
      )}
    </FrontFrame>
  );
}
