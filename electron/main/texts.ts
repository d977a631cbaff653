import type { Language } from '../../shared/texts/language.ts';

/** What main says by itself. The type makes a missing language or key a compile error. */
interface MainTexts {
  edit: string; undo: string; redo: string; cut: string; copy: string; paste: string; selectAll: string;
  window: string; minimize: string; quit: string; show: string;
  tooltip: (left: number) => string;
  closeTitle: string;
  closeQuestion: (left: number) => string;
  closeDetail: string;
  keepSending: string; closeAnyway: string; cancel: string;
  notOpenedTitle: string;
  keyLocked: string;
  saveBundle: string;
}

const texts: Record<Language, MainTexts> = {
  es: {
    edit: 'Edición', undo: 'Deshacer', redo: 'Rehacer', cut: 'Cortar', copy: 'Copiar', paste: 'Pegar', selectAll: 'Seleccionar todo',
    window: 'Ventana', minimize: 'Minimizar', quit: 'Salir de Relevo', show: 'Abrir Relevo',
    tooltip: (left) => (left === 0 ? 'Relevo: todo enviado' : left === 1 ? 'Relevo: queda 1 foto por enviar' : `Relevo: quedan ${left} fotos por enviar`),
    closeTitle: 'Quedan fotos por enviar',
    closeQuestion: (left) => (left === 1 ? 'Queda 1 foto por enviar.' : `Quedan ${left} fotos por enviar.`),
    closeDetail: 'Están a salvo en este equipo. Si cierra Relevo, se enviarán la próxima vez que lo abra.',
    keepSending: 'Minimizar y seguir enviando', closeAnyway: 'Cerrar Relevo', cancel: 'Cancelar',
    notOpenedTitle: 'Relevo no puede abrir sus datos',
    keyLocked: 'El llavero de este equipo no entrega la clave con la que se guardan las fotos. Las fotos siguen a salvo. Desbloquee el llavero o inicie sesión con el usuario de siempre; si no basta, avise a soporte.',
    saveBundle: 'Guardar el informe para soporte',
  },
  en: {
    edit: 'Edit', undo: 'Undo', redo: 'Redo', cut: 'Cut', copy: 'Copy', paste: 'Paste', selectAll: 'Select all',
    window: 'Window', minimize: 'Minimize', quit: 'Quit Relevo', show: 'Open Relevo',
    tooltip: (left) => (left === 0 ? 'Relevo: everything is sent' : left === 1 ? 'Relevo: 1 photo still to send' : `Relevo: ${left} photos still to send`),
    closeTitle: 'There are photos still to send',
    closeQuestion: (left) => (left === 1 ? '1 photo is still to be sent.' : `${left} photos are still to be sent.`),
    closeDetail: 'They are safe on this computer. If you close Relevo, they will be sent the next time you open it.',
    keepSending: 'Minimize and keep sending', closeAnyway: 'Close Relevo', cancel: 'Cancel',
    notOpenedTitle: 'Relevo cannot open its data',
    keyLocked: 'This computer’s keychain does not give the key with which the photos are kept. The photos are still safe. Unlock the keychain or sign in as the usual user; if that does not help, tell support.',
    saveBundle: 'Save the report for support',
  },
};

export function mainTexts(language: Language): MainTexts {
  return texts[language];
}
