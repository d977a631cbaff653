import { IconPhoto } from '@tabler/icons-react';
import { useEffect, useSyncExternalStore } from 'react';
import { useClient } from '../client/client-context.tsx';
import styles from './thumbnail.module.css';

interface ThumbnailProps {
  id: string;
  /** Whether the engine holds one; asking for nothing is spared. */
  available: boolean;
  /** In pixels, both ways. */
  size: number;
}

/** A row that only flies by while scrolling asks for nothing. */
const settleMs = 90;

/** A photo's picture, or a quiet placeholder. Decorative: the name beside it says which photo it is. */
export function Thumbnail({ id, available, size }: ThumbnailProps) {
  const { thumbnails } = useClient();
  const url = useSyncExternalStore(thumbnails.subscribe, () => thumbnails.peek(id));
  const wanted = available && url === undefined;
  useEffect(() => {
    if (!wanted) return undefined;
    const unmounted = new AbortController();
    const timer = setTimeout(() => thumbnails.load(id, unmounted.signal), settleMs);
    return () => {
      clearTimeout(timer);
      unmounted.abort();
    };
  }, [thumbnails, id, wanted]);
  return (
    <span className={styles.frame} style={{ width: size, height: size }} aria-hidden>
      {url ? <img className={styles.picture} src={url} alt="" draggable={false} /> : <IconPhoto size={Math.round(size * 0.45)} stroke={1.5} />}
    </span>
  );
}
