import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
  type Context,
  type ContextManager,
  type SpanContext,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/**
 * Trace context as it travels between our processes: the `traceparent` header of W3C Trace Context. It works without an
 * OpenTelemetry SDK; when one is registered, its own context manager is used and its spans are what travels.
 */
const propagator = new W3CTraceContextPropagator();

/**
 * The `traceparent` of what is going on now, to put into a message that leaves the process. Outside of any trace: of a new
 * one, so that every message carries a valid one.
 */
export function traceparent(): string {
  const carrier: Record<string, string> = {};
  propagator.inject(withSpanContext(context.active()), carrier, defaultTextMapSetter);
  return carrier['traceparent'] ?? '';
}

/**
 * Runs `work` as part of the trace that `header` names, asynchronous continuations included. A missing or malformed
 * header (it came from outside) begins a new trace instead of failing.
 */
export function withTraceparent<T>(header: string | undefined, work: () => T): T {
  letContextTravel();
  const received = propagator.extract(ROOT_CONTEXT, { traceparent: header ?? '' }, defaultTextMapGetter);
  return context.with(withSpanContext(received), work);
}

/** The ids of the trace that is going on now, or null outside of any. */
export function activeTrace(): { traceId: string; spanId: string } | null {
  const active = trace.getSpanContext(context.active());
  return active !== undefined && isSpanContextValid(active) ? { traceId: active.traceId, spanId: active.spanId } : null;
}

function withSpanContext(of: Context): Context {
  const known = trace.getSpanContext(of);
  return known !== undefined && isSpanContextValid(known) ? of : trace.setSpanContext(of, newSpanContext());
}

function newSpanContext(): SpanContext {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.SAMPLED,
  };
}

let travels = false;

/** Registers the context manager once, unless an SDK has registered its own. */
function letContextTravel(): void {
  if (travels) return;
  travels = true;
  const probe = Symbol('backhaul.probe');
  const travelsAlready = context.with(
    ROOT_CONTEXT.setValue(probe, true),
    () => context.active().getValue(probe) === true,
  );
  if (!travelsAlready) context.setGlobalContextManager(asyncContextManager());
}

function asyncContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, thisArg, ...args) => storage.run(active, () => work.call(thisArg as never, ...args)),
    bind: (active, target) =>
      typeof target === 'function'
        ? (((...args: unknown[]) =>
            storage.run(active, () => (target as (...a: unknown[]) => unknown)(...args))) as typeof target)
        : target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
