import type { FailureCatalogue } from './failures.ts';

export const failuresEs: FailureCatalogue = {
  places: { gateway: 'el servidor', spaces: 'el almacén de fotos', local: 'este equipo' },
  photos: {
    retry: 'La foto está a salvo en este equipo. Se volverá a intentar sola.',
    wait: 'La foto está a salvo en este equipo. Se enviará sola en cuanto se pueda.',
    signIn: 'La foto está a salvo en este equipo. Se enviará cuando inicie sesión.',
    needsAttention: 'La foto está a salvo en este equipo, pero no se enviará hasta que alguien la revise.',
  },
  stuck: 'Pulse Reintentar. Si se repite, avise a soporte.',
  texts: {
    offline: { what: 'Este equipo no tiene conexión.', next: 'Compruebe el cable de red o el wifi. No hace falta nada más.' },
    'dns-failed': { what: ({ place }) => `No se encuentra la dirección de ${place}.`, next: 'Compruebe la conexión. Si otras páginas se abren, avise a soporte.' },
    'connection-refused': { what: ({ place }) => `No se puede conectar con ${place}: no está en marcha.`, next: 'No hace falta hacer nada. Si dura más de unos minutos, avise a soporte.' },
    'connection-reset': { what: ({ place }) => `Se cortó la conexión con ${place}.`, next: 'No hace falta hacer nada. Si ocurre a menudo, avise a soporte.' },
    'connect-timeout': { what: ({ place }) => `No hay respuesta de ${place}.`, next: 'Compruebe la conexión. Si otras páginas se abren, avise a soporte.' },
    stalled: { what: ({ place }) => `La conexión con ${place} se quedó parada.`, next: 'No hace falta hacer nada. Si ocurre a menudo, la red puede estar lenta: avise a soporte.' },
    'tls-failed': { what: ({ place }) => `No se pudo establecer una conexión segura con ${place}.`, next: 'Avise a soporte.' },
    'certificate-expired': { what: ({ place }) => `El certificado de seguridad de ${place} ha caducado, o la fecha de este equipo no es correcta.`, next: 'Compruebe la fecha y la hora de este equipo. Si son correctas, avise a soporte.' },
    'certificate-untrusted': { what: ({ place }) => `Este equipo no reconoce el certificado de seguridad de ${place}.`, next: 'Avise a soporte. Puede que la red de la clínica revise las conexiones.' },
    'proxy-auth-required': {
      what: ({ proxyAuth }) => {
        if (proxyAuth.name === 'unsupported') return `El proxy de la red solo admite un inicio de sesión que Relevo no puede hacer (${proxyAuth.schemes}).`;
        return proxyAuth.name === 'refused' ? 'El proxy de la red no acepta el usuario o la contraseña guardados.' : 'La red pide usuario y contraseña del proxy.';
      },
      next: ({ proxyAuth }) => (proxyAuth.name === 'unsupported'
        ? 'Avise a informática: hace falta que el proxy deje pasar a Relevo sin iniciar sesión, o que admita Basic.'
        : 'Escriba el usuario y la contraseña del proxy en Ajustes, o pídalos a soporte.'),
    },
    'proxy-failed': { what: 'El proxy de la red no deja pasar la conexión.', next: 'Avise a soporte.' },
    'rate-limited': { what: ({ place, wait }) => `Hay mucho tráfico en ${place} y ha pedido esperar${wait ? ` ${wait}` : ''}.`, next: 'No hace falta hacer nada.' },
    'circuit-open': { what: ({ place }) => `Hay muchos errores seguidos en ${place}, así que se ha hecho una pausa.`, next: 'No hace falta hacer nada. Se prueba cada pocos segundos.' },
    'server-error': { what: ({ place }) => `Hubo un error interno en ${place}.`, next: 'No hace falta hacer nada. Si dura más de unos minutos, avise a soporte.' },
    'bad-gateway': { what: 'El servidor recibió la foto, pero no pudo guardarla en el almacén.', next: 'No hace falta hacer nada. Si dura más de unos minutos, avise a soporte.' },
    'service-unavailable': { what: ({ place, wait }) => `En este momento ${place} no está disponible${wait ? `; ha pedido esperar ${wait}` : ''}.`, next: 'No hace falta hacer nada. Si dura más de unos minutos, avise a soporte.' },
    'gateway-timeout': { what: 'El servidor tardó demasiado en responder.', next: 'No hace falta hacer nada: antes de repetir se comprueba si la foto llegó.' },
    'request-timeout': { what: ({ place }) => `El envío tardó más de lo que permite ${place}.`, next: 'No hace falta hacer nada. Si ocurre a menudo, la red puede estar lenta: avise a soporte.' },
    'server-disk-full': { what: ({ place }) => `No queda espacio en ${place}.`, next: 'Avise a soporte.' },
    'malformed-answer': { what: ({ place }) => `Llegó una respuesta que no es de ${place}. Puede venir de la red, por ejemplo de una página de acceso al wifi.`, next: 'Abra el navegador y compruebe si la red pide iniciar sesión. Si no, avise a soporte.' },
    'session-expired': { what: 'Su sesión ha terminado.', next: 'Inicie sesión de nuevo.' },
    forbidden: { what: 'Su cuenta no tiene permiso para enviar fotos de este paciente.', next: 'Pida acceso a su responsable y luego pulse Reintentar.' },
    'patient-not-found': { what: 'El servidor no encuentra a este paciente.', next: 'Compruebe el paciente con su responsable. Después reintente, o cancele y añada la foto al paciente correcto.' },
    'upload-gone': { what: 'El servidor ya no recuerda este envío, que llevaba tiempo a medias.', next: 'No hace falta hacer nada: se empieza de nuevo.' },
    conflict: { what: 'El servidor dice que el envío está en otro estado.', next: 'Pulse Reintentar. Si se repite, avise a soporte.' },
    'integrity-mismatch': {
      what: 'Lo que llegó al almacén no es idéntico a la foto.',
      photos: 'La foto original está a salvo en este equipo y no se da por enviada.',
      next: 'Pulse Reintentar. Si se repite, avise a soporte.',
    },
    'too-large': { what: 'La foto pesa más de lo que acepta el servidor.', next: 'Avise a soporte, o añada una copia más pequeña.' },
    'unsupported-type': { what: 'El servidor no acepta este tipo de imagen.', next: 'Añada la foto en otro formato, por ejemplo JPEG.' },
    'bad-request': { what: ({ place }) => `El envío fue rechazado por ${place}.`, next: 'Avise a soporte.' },
    'clock-skew': { what: 'La hora de este equipo no coincide con la del servidor.', next: 'Corrija la fecha y la hora de este equipo.' },
    'signature-expired': { what: 'El permiso para enviar esta parte de la foto caducó.', next: 'No hace falta hacer nada: se pide otro.' },
    'spool-damaged': {
      what: 'La copia de la foto en este equipo está dañada.',
      photos: 'La foto no se ha enviado ni se enviará dañada.',
      next: 'Añádala de nuevo para el mismo paciente, desde la tarjeta o la carpeta original: entonces seguirá sola. No cancele esta antes.',
    },
    'spool-missing': {
      what: 'Falta la copia de la foto en este equipo.',
      photos: 'La foto no se ha enviado.',
      next: 'Añádala de nuevo para el mismo paciente, desde la tarjeta o la carpeta original: entonces seguirá sola. No cancele esta antes.',
    },
    'disk-full': { what: 'El disco de este equipo está lleno.', next: 'Libere espacio en el disco.' },
    superseded: {
      what: 'Ya se envió una foto más reciente de este paciente, y este servidor guarda solo una por paciente.',
      photos: 'Esta foto no se ha enviado, para no sustituir a la más reciente. Sigue en este equipo.',
      next: 'Cancélela si ya no hace falta, o reintente para que sustituya a la otra.',
    },
    unknown: { what: 'Ocurrió algo que Relevo no reconoce.', next: 'Pulse Reintentar. Si se repite, avise a soporte.' },
  },
};
