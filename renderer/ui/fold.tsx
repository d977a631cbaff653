import { Collapse, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import styles from './fold.module.css';

/** What not everybody needs to see, one press away. */
export function Fold({ label, children }: { label: string; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <UnstyledButton className={styles.fold} aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <IconChevronRight size={15} className={styles.chevron} aria-hidden />
        {label}
      </UnstyledButton>
      <Collapse expanded={opened}>{children}</Collapse>
    </>
  );
}
