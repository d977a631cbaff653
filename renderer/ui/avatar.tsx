import styles from './avatar.module.css';
import { initials } from './initials.ts';

interface AvatarProps {
  name: string;
  /** In pixels, both ways. */
  size?: number;
  /** Filled with the brand: the one that is chosen. */
  chosen?: boolean;
}

/** Stands for a person. Decorative: the name is beside it. */
export function Avatar({ name, size = 30, chosen = false }: AvatarProps) {
  return <span className={styles.avatar} data-chosen={chosen} style={{ width: size, height: size, fontSize: Math.round(size * 0.4) }} aria-hidden>{initials(name)}</span>;
}
