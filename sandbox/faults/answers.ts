/** @file What each service would say by itself for a status, so that an injected error looks like a real one. */
import { randomUUID } from 'node:crypto';
import type { ServiceName } from '../options.ts';

const codes: Record<number, [code: string, message: string, s3Code: string]> = {
  400: ['invalid_request', 'Solicitud inválida', 'InvalidRequest'],
  401: ['unauthorized', 'Token inválido o expirado', 'AccessDenied'],
  403: ['forbidden', 'No tiene permiso para esta operación', 'AccessDenied'],
  404: ['not_found', 'No encontrado', 'NoSuchKey'],
  409: ['conflict', 'Conflicto con el estado actual', 'OperationAborted'],
  413: ['file_too_large', 'El archivo excede el tamaño máximo permitido', 'EntityTooLarge'],
  415: ['unsupported_file_type', 'Tipo de archivo no permitido', 'InvalidRequest'],
  422: ['validation_error', 'Solicitud inválida', 'InvalidArgument'],
  429: ['rate_limited', 'Demasiadas solicitudes', 'SlowDown'],
  500: ['internal_error', 'Error interno', 'InternalError'],
  502: ['upload_failed', 'No se pudo subir la foto al almacenamiento', 'InternalError'],
  503: ['service_unavailable', 'Servicio no disponible', 'SlowDown'],
  504: ['timeout', 'El media-service no respondió a tiempo', 'RequestTimeout'],
  507: ['insufficient_storage', 'El servidor no tiene espacio', 'InternalError'],
};

export interface PlainAnswer {
  type: string;
  body: string;
}

export function s3Error(code: string): PlainAnswer {
  const requestId = randomUUID();
  return {
    type: 'application/xml',
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message><RequestId>${requestId}</RequestId></Error>`,
  };
}

export function answerFor(service: ServiceName, status: number, traceId: string | undefined): PlainAnswer {
  const [code, message, s3Code] = codes[status] ?? (status < 400 ? ['ok', 'OK', ''] : [`http_${status}`, 'Error', 'InternalError']);
  switch (service) {
    case 'spaces':
      return status < 400 ? { type: 'application/xml', body: '' } : s3Error(s3Code);
    case 'gateway':
    case 'auth':
      return { type: 'application/json', body: JSON.stringify({ error: code, message }) };
    default:
      return {
        type: 'application/json',
        body: JSON.stringify({
          status: status < 400 ? 'success' : status < 500 ? 'fail' : 'error',
          message,
          data: null,
          error: status < 400 ? null : { code },
          trace_id: traceId ?? randomUUID().replaceAll('-', ''),
        }),
      };
  }
}

export const webPage = '<!doctype html>\n<html><head><title>Acceso a la red</title></head><body><h1>Inicie sesión para continuar</h1></body></html>\n';
