import type { DiagnosisCode } from '../domain/diagnosis.ts';
import type { Language } from './language.ts';

/** What is wrong, what staff do now, and where support looks next. `{n}` is filled in by `diagnosisText`. */
export interface DiagnosisText {
  sentence: string;
  staff: string;
  support: string;
}

const nothingForStaff = {
  es: 'No tiene que hacer nada: las fotos están a salvo y se enviarán solas.',
  en: 'Nothing to do: your photos are safe and will be sent by themselves.',
};

export const diagnosisTexts: Record<DiagnosisCode, Record<Language, DiagnosisText>> = {
  CLIENT_OFFLINE: {
    es: { sentence: 'Este equipo no tiene red.', staff: 'Conecte el cable o la Wi-Fi. Las fotos quedan a salvo en la cola.', support: 'Ver el estado de las interfaces en el paquete: ninguna activa, o ENETUNREACH en IPv4 e IPv6.' },
    en: { sentence: 'This computer has no network.', staff: 'Plug in the cable or join the Wi-Fi. Your photos stay safe in the queue.', support: 'See the interfaces in the bundle: none is up, or ENETUNREACH over IPv4 and IPv6.' },
  },
  LAN_GATEWAY_DEAD: {
    es: { sentence: 'El router de la clínica no responde.', staff: 'Reinicie el router o avise a informática.', support: 'El vecino de la puerta de enlace por defecto está FAILED o incompleto: router apagado, cable o VLAN.' },
    en: { sentence: 'The clinic router is not answering.', staff: 'Restart the router or tell your IT staff.', support: 'The default gateway’s neighbour entry is FAILED or incomplete: router off, cable or VLAN.' },
  },
  CAPTIVE_PORTAL: {
    es: { sentence: 'Esta red pide iniciar sesión en una página.', staff: 'Abra el navegador y acepte las condiciones de la red.', support: 'Ver el destino de la redirección (solo el host) en la evidencia.' },
    en: { sentence: 'This network wants you to sign in on a web page.', staff: 'Open the browser and accept the network’s page.', support: 'See where the redirect leads (host only) in the evidence.' },
  },
  PROXY_BROKEN: {
    es: { sentence: 'El proxy de la clínica rechaza la conexión.', staff: 'Avise a informática.', support: 'HTTP 407, o en Chromium -130 (conexión), -111 (túnel) o -127 (autenticación). Revisar dirección y credenciales del proxy.' },
    en: { sentence: 'The clinic proxy rejects the connection.', staff: 'Tell your IT staff.', support: 'HTTP 407, or Chromium’s -130 (connection), -111 (tunnel) or -127 (authentication). Check the proxy’s address and credentials.' },
  },
  DNS_BAD_CONFIG: {
    es: { sentence: 'El DNS de este equipo falla.', staff: 'Avise a informática.', support: 'El resolver del sistema falla y el de control responde: revisar los servidores DNS configurados.' },
    en: { sentence: 'This computer’s DNS fails.', staff: 'Tell your IT staff.', support: 'The system resolver fails and the control resolver answers: check the configured DNS servers.' },
  },
  DNS_RECORD_MISSING: {
    es: { sentence: 'La dirección del servicio no existe.', staff: 'Espere y avise a soporte.', support: 'NXDOMAIN mientras otro nombre sí se resuelve: revisar la zona DNS.' },
    en: { sentence: 'The service’s address does not exist.', staff: 'Wait, and tell support.', support: 'NXDOMAIN while another name resolves: check the DNS zone.' },
  },
  DNS_FAILURE: {
    es: { sentence: 'No se pudo encontrar la dirección del servidor.', staff: 'Vuelva a intentarlo; si sigue, avise a soporte.', support: 'Comparar los resolvers: el del sistema no resolvió y no hay uno de control que lo aclare.' },
    en: { sentence: 'The server’s address could not be looked up.', staff: 'Try again; if it goes on, tell support.', support: 'Compare resolvers: the system’s did not resolve, and no control one tells why.' },
  },
  ONLINK_ROUTE_ARP: {
    es: { sentence: 'Este equipo busca el servidor en su red local, y no está ahí.', staff: 'Avise a soporte o a informática: hay que corregir la red de este equipo.', support: 'Añadir una ruta /32 a esa dirección por la puerta de enlace; revisar la máscara o una VPN que se solape.' },
    en: { sentence: 'This computer looks for the server on its local network, and it is not there.', staff: 'Tell support or your IT staff: this computer’s network needs correcting.', support: 'Add a /32 route to that address through the gateway; check the netmask or an overlapping VPN.' },
  },
  GATEWAY_DOWN: {
    es: { sentence: 'El servidor rechaza las conexiones.', staff: 'Espere: las fotos están a salvo en la cola.', support: 'ECONNREFUSED: revisar el gateway o Traefik.' },
    en: { sentence: 'The server refuses connections.', staff: 'Wait: your photos are safe in the queue.', support: 'ECONNREFUSED: check the gateway or Traefik.' },
  },
  PATH_TIMEOUT: {
    es: { sentence: 'El servidor no responde: está bloqueado o caído.', staff: 'Pruebe con otra red.', support: 'Comprobar desde un segundo punto de vista para separar un cortafuegos de una caída.' },
    en: { sentence: 'The server does not answer: it is blocked or down.', staff: 'Try another network.', support: 'Check from a second vantage point to tell a firewall from an outage.' },
  },
  CLOCK_SKEW: {
    es: { sentence: 'La hora de este equipo está mal.', staff: 'Corrija la fecha y la hora.', support: 'La diferencia con el encabezado Date está en el paquete.' },
    en: { sentence: 'This computer’s clock is wrong.', staff: 'Set the date and time.', support: 'The offset from the Date header is in the bundle.' },
  },
  TLS_EXPIRED: {
    es: { sentence: 'El certificado del servidor ha vencido.', staff: nothingForStaff.es, support: 'Renovar el certificado; notAfter está en la evidencia.' },
    en: { sentence: 'The server’s certificate has expired.', staff: nothingForStaff.en, support: 'Renew the certificate; notAfter is in the evidence.' },
  },
  TLS_INTERCEPTED: {
    es: { sentence: 'Un filtro de la red altera la conexión segura.', staff: 'Avise a informática.', support: 'Comparar el emisor del certificado con el esperado, y lo que dicen Node y Chromium. Si nadie intercepta, es el certificado del propio servidor: firmado por sí mismo, de otro nombre o sin su cadena.' },
    en: { sentence: 'A network filter alters the secure connection.', staff: 'Tell your IT staff.', support: 'Compare the certificate’s issuer with the expected one, and what Node and Chromium say. If nobody intercepts, it is the server’s own certificate: self-signed, for another name, or without its chain.' },
  },
  CORS_MISCONFIG: {
    es: { sentence: 'El servidor no acepta esta aplicación (CORS).', staff: nothingForStaff.es, support: 'Revisar CORS_ORIGINS en el gateway.' },
    en: { sentence: 'The server does not accept this app (CORS).', staff: nothingForStaff.en, support: 'Check CORS_ORIGINS at the gateway.' },
  },
  AUTH_EXPIRED: {
    es: { sentence: 'Su sesión ha vencido.', staff: 'Inicie sesión de nuevo. Las fotos siguen en la cola.', support: 'Nada que revisar: /auth/verify respondió 401.' },
    en: { sentence: 'Your session has expired.', staff: 'Sign in again. Your photos are still in the queue.', support: 'Nothing to check: /auth/verify answered 401.' },
  },
  AUTH_FORBIDDEN: {
    es: { sentence: 'Esta cuenta no puede subir fotos.', staff: 'Pida permiso a su responsable.', support: 'Revisar el rol de la cuenta: 403 con la sesión válida.' },
    en: { sentence: 'This account may not upload photos.', staff: 'Ask whoever manages accounts for permission.', support: 'Check the account’s role: 403 with a valid session.' },
  },
  RATE_LIMITED: {
    es: { sentence: 'Hay demasiadas solicitudes; se reintenta en {n} s.', staff: 'Espere: continúa solo.', support: 'Revisar el límite por IP compartida de la clínica.' },
    en: { sentence: 'Too many requests; trying again in {n} s.', staff: 'Wait: it goes on by itself.', support: 'Check the limit per IP address, which a whole clinic shares.' },
  },
  PAYLOAD_TOO_LARGE: {
    es: { sentence: 'La foto supera el tamaño permitido.', staff: 'Use otra foto o una más pequeña.', support: 'Revisar el límite del proxy y del servicio (413; HeartGuard responde 401 a un cuerpo demasiado grande).' },
    en: { sentence: 'The photo is larger than allowed.', staff: 'Use another photo or a smaller one.', support: 'Check the proxy’s and the service’s limit (413; HeartGuard says 401 to an oversize body).' },
  },
  ROUTE_MISSING: {
    es: { sentence: 'El servidor no encuentra el servicio de fotos.', staff: nothingForStaff.es, support: 'Revisar las reglas o labels del proxy: el 404 no lo dio el servicio.' },
    en: { sentence: 'The server cannot find the photo service.', staff: nothingForStaff.en, support: 'Check the proxy’s rules or labels: the 404 was not the service’s.' },
  },
  CIRCUIT_OPEN: {
    es: { sentence: 'El servidor ha pausado el servicio para recuperarse.', staff: 'Espere: se reintenta solo.', support: 'Revisar el circuit breaker y los errores que lo abrieron.' },
    en: { sentence: 'The server has paused the service to recover.', staff: 'Wait: it is tried again by itself.', support: 'Check the circuit breaker and the errors that opened it.' },
  },
  NO_HEALTHY_BACKEND: {
    es: { sentence: 'No hay servidores de fotos disponibles.', staff: nothingForStaff.es, support: 'Revisar las réplicas: el proxy respondió 502 o 503 por sí mismo.' },
    en: { sentence: 'No photo servers are available.', staff: nothingForStaff.en, support: 'Check the replicas: the proxy itself answered 502 or 503.' },
  },
  MEDIA_DOWN: {
    es: { sentence: 'El servicio de fotos está caído.', staff: 'Espere: las fotos quedan en la cola.', support: 'Reiniciar media; el gateway está sano y responde service_unavailable.' },
    en: { sentence: 'The photo service is down.', staff: 'Wait: your photos stay in the queue.', support: 'Restart media; the gateway is healthy and says service_unavailable.' },
  },
  SERVER_DISK_FULL: {
    es: { sentence: 'El servidor no tiene espacio.', staff: nothingForStaff.es, support: 'Limpiar los archivos temporales del servidor.' },
    en: { sentence: 'The server has no space left.', staff: nothingForStaff.en, support: 'Clear the server’s temporary files.' },
  },
  MEDIA_CREDENTIALS: {
    es: { sentence: 'El almacén de fotos rechaza las credenciales del servidor.', staff: nothingForStaff.es, support: 'Revisar las claves de Spaces o el reloj del servidor.' },
    en: { sentence: 'Photo storage rejects the server’s credentials.', staff: nothingForStaff.en, support: 'Check the Spaces keys or the server’s clock.' },
  },
  MEDIA_SPACES_ROUTE: {
    es: { sentence: 'El servidor de fotos no alcanza el almacén: lo busca en su propia red.', staff: 'Espere: las fotos quedan en la cola.', support: 'En la VM de media: ip route get e ip neigh show; añadir la ruta /32 por la puerta de enlace.' },
    en: { sentence: 'The photo server cannot reach storage: it looks for it on its own network.', staff: 'Wait: your photos stay in the queue.', support: 'On the media VM: ip route get and ip neigh show; add the /32 route through the gateway.' },
  },
  SPACES_DOWN: {
    es: { sentence: 'El almacén de fotos no responde.', staff: nothingForStaff.es, support: 'Ver el estado del proveedor.' },
    en: { sentence: 'Photo storage is not responding.', staff: nothingForStaff.en, support: 'See the provider’s status page.' },
  },
  MEDIA_SPACES_UNREACHABLE: {
    es: { sentence: 'El servidor de fotos no alcanza el almacén.', staff: 'Espere: las fotos quedan en la cola.', support: 'curl -I al bucket desde la VM de media (--connect-timeout 10 --max-time 30).' },
    en: { sentence: 'The photo server cannot reach storage.', staff: 'Wait: your photos stay in the queue.', support: 'curl -I to the bucket from the media VM (--connect-timeout 10 --max-time 30).' },
  },
  DEPENDENCY_DEGRADED: {
    es: { sentence: 'El servicio funciona con lentitud.', staff: 'Puede seguir trabajando.', support: 'Ver la base de datos, la caché y la cola en readyz.' },
    en: { sentence: 'The service is running slowly.', staff: 'You can go on working.', support: 'See the database, cache and queue in readyz.' },
  },
  TIMEOUT_BUDGET: {
    es: { sentence: 'Dejamos de esperar antes que el servidor.', staff: 'Se reintenta solo.', support: 'Ordenar los tiempos: cliente > gateway > media.' },
    en: { sentence: 'We gave up before the server did.', staff: 'It is tried again by itself.', support: 'Put the time limits in order: client > gateway > media.' },
  },
  UPLOAD_FIRST_TRY_FLAKY: {
    es: { sentence: 'Las fotos suben, pero al segundo intento.', staff: 'Puede seguir trabajando.', support: 'Revisar el directorio temporal de cada worker.' },
    en: { sentence: 'Photos upload, but only at the second try.', staff: 'You can go on working.', support: 'Check each worker’s temporary directory.' },
  },
  SERVER_BUG: {
    es: { sentence: 'El servidor falla siempre igual.', staff: 'Avise a soporte.', support: 'Buscar la traza por request_id.' },
    en: { sentence: 'The server fails the same way every time.', staff: 'Tell support.', support: 'Find the trace by its request_id.' },
  },
  RECONNECT_LOOP: {
    es: { sentence: 'La conexión se corta una y otra vez.', staff: 'Pruebe con cable.', support: 'Revisar ping timeout e interval, y sticky sessions.' },
    en: { sentence: 'The connection keeps dropping.', staff: 'Try a cable.', support: 'Check ping timeout and interval, and sticky sessions.' },
  },
  SLOW_PATH: {
    es: { sentence: 'La conexión es lenta.', staff: 'Puede seguir trabajando.', support: 'Ver qué fase domina: DNS, TCP, TLS o primer byte.' },
    en: { sentence: 'The connection is slow.', staff: 'You can go on working.', support: 'See which phase dominates: DNS, TCP, TLS or first byte.' },
  },
  SPACES_UNREACHABLE_FROM_CLIENT: {
    es: { sentence: 'Esta red no alcanza el almacén directamente.', staff: 'Nada, si las fotos se envían.', support: 'Revisar el filtro de salida de la clínica.' },
    en: { sentence: 'This network cannot reach storage directly.', staff: 'Nothing, if photos are being sent.', support: 'Check the clinic’s egress filter.' },
  },
  INCONCLUSIVE: {
    es: { sentence: 'No se pudo determinar la causa.', staff: 'Envíe el informe a soporte.', support: 'Ver la evidencia de cada prueba.' },
    en: { sentence: 'The cause could not be determined.', staff: 'Send the report to support.', support: 'See each probe’s evidence.' },
  },
  DISK_LOW: {
    es: { sentence: 'Queda poco espacio en este equipo.', staff: 'Libere espacio.', support: 'El espacio libre está en la evidencia.' },
    en: { sentence: 'This computer is low on space.', staff: 'Free some space.', support: 'The free space is in the evidence.' },
  },
  FLAPPING: {
    es: { sentence: 'La conexión va y viene.', staff: 'Puede seguir: se reintenta solo.', support: 'Ver la línea de tiempo: cuatro cambios o más en diez minutos.' },
    en: { sentence: 'The connection comes and goes.', staff: 'You can go on: it is tried again by itself.', support: 'See the timeline: four changes or more in ten minutes.' },
  },
  HEALTHY: {
    es: { sentence: 'Todo funciona.', staff: 'Nada que hacer.', support: 'Nada que revisar.' },
    en: { sentence: 'Everything works.', staff: 'Nothing to do.', support: 'Nothing to check.' },
  },
};

/** The texts of a diagnosis, filled in. `n` is in seconds. */
export function diagnosisText(language: Language, code: DiagnosisCode, params: { n?: number } = {}): DiagnosisText {
  const text = diagnosisTexts[code][language];
  return { ...text, sentence: text.sentence.replace('{n}', String(params.n ?? 5)) };
}
