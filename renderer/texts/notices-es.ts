import { type Count, photosEs as photos } from './counted.ts';

function safe(count: Count): string {
  if (count.value === 0) return 'Ninguna foto espera.';
  return `${photos(count)} ${count.value === 1 ? 'espera' : 'esperan'}, a salvo en este equipo.`;
}

/** What concerns the whole window, above whatever is shown. */
export const noticesEs = {
  meteredTitle: 'Red de uso medido: el envío está en pausa',
  meteredText: (count: Count) => `${safe(count)} Se ${count.value === 1 ? 'enviará' : 'enviarán'} en cuanto haya otra red.`,
  sendAnyway: 'Enviar de todos modos',
  proxyTitle: 'El proxy de la red pide usuario y contraseña',
  proxyText: (count: Count) => `${safe(count)} Nada se envía hasta que el proxy los acepte.`,
  toNetwork: 'Abrir los ajustes de red',
  contractTitle: 'El servidor parece haber cambiado: el envío espera',
  contractText: (count: Count) => `${safe(count)} Relevo se asegura durante unos diez minutos antes de seguir, para que ninguna foto sustituya a otra por error. No hay que hacer nada.`,
  lostTitle: (count: Count) => (count.value === 1 ? 'Una imagen pegada no se añadió' : `${count.text} imágenes pegadas no se añadieron`),
  lostText: 'La ventana se bloqueó, o se cerró la sesión, antes de que se guardara todo. Lo que falta no está en la cola ni en la tarjeta: péguelo otra vez.',
  diskTitle: 'Queda poco espacio en este equipo',
  diskText: (free: string) => `Quedan ${free} libres. Las fotos guardadas están a salvo, pero pronto no cabrán más. Libere espacio o avise a soporte.`,
  queueTitle: 'La cola de este equipo se ha rehecho',
  queueText: (when: string) => `Su archivo estaba dañado (${when}). Relevo lo apartó sin borrarlo y llenó otra cola con las fotos selladas. Mire si falta alguna; si es así, avise a soporte.`,
  dismiss: 'Entendido',
};
