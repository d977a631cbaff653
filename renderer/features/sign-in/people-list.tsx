import { UnstyledButton } from '@mantine/core';
import { IconArrowUp, IconPlus } from '@tabler/icons-react';
import { useId } from 'react';
import type { KnownPerson } from '../../../shared/domain/account.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import panel from '../../ui/panel.module.css';
import styles from './people-list.module.css';

interface PeopleListProps {
  people: readonly KnownPerson[];
  chosen: KnownPerson | undefined;
  /** Undefined is somebody who is not in the list. */
  onChoose: (person: KnownPerson | undefined) => void;
}

/** Those who share this computer: one press instead of an address to type. */
export function PeopleList({ people, chosen, onChoose }: PeopleListProps) {
  const { t, count } = useWording();
  const headingId = useId();
  return (
    <div className={styles.side}>
      <h2 id={headingId} className={panel.heading}>{t.signIn.people}</h2>
      <ul className={styles.people} aria-labelledby={headingId}>
        {people.map((known) => {
          const { person, gateway, waiting } = known;
          const isChosen = known === chosen;
          return (
            <li key={`${gateway} ${person.id}`}>
              <UnstyledButton className={styles.person} aria-pressed={isChosen} onClick={() => onChoose(known)}>
                <Avatar name={person.name} size={38} chosen={isChosen} />
                <span className={styles.words}>
                  <span className={styles.name}>{person.name}</span>
                  <span className={styles.email} title={person.email}>{person.email}</span>
                  {waiting > 0 ? (
                    <span className={`${styles.waiting} numbers`}>
                      <IconArrowUp size={14} stroke={2.2} aria-hidden />
                      {t.signIn.waitFor(count(waiting))}
                    </span>
                  ) : null}
                </span>
              </UnstyledButton>
            </li>
          );
        })}
        <li>
          <UnstyledButton className={styles.person} aria-pressed={chosen === undefined} onClick={() => onChoose(undefined)}>
            <span className={styles.plus}><IconPlus size={18} stroke={1.8} aria-hidden /></span>
            <span className={styles.words}>
              <span className={styles.name}>{t.signIn.another}</span>
              <span className={styles.email}>{t.signIn.anotherHint}</span>
            </span>
          </UnstyledButton>
        </li>
      </ul>
    </div>
  );
}
