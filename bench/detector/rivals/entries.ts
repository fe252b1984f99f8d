import type { Contender, Entry } from '../Contender.ts';
import { AkkaPhi } from './AkkaPhi.ts';
import { CassandraPhi } from './CassandraPhi.ts';
import { EngineIo } from './EngineIo.ts';
import { Libp2pMonitor } from './Libp2pMonitor.ts';
import { Lifeguard } from './Lifeguard.ts';
import { MissedPings } from './MissedPings.ts';
import type { Rival } from './Rival.ts';
import { SilenceTimeout } from './SilenceTimeout.ts';

/** A client that sends media sends at least this often, in ms: a thinned stream, to save the bench time. */
const MEDIA_EVERY = 100;

/** STUN checks of a browser on a stable path (libwebrtc p2p/base/p2p_constants.h). */
const STUN_EVERY = 2500;

/** The other detectors, with their published parameters. */
export const RIVALS: readonly Entry[] = [
  ...[3, 5, 10].map(
    (limit): Entry => ({
      name: `missed-${limit}`,
      source: `${limit} pings in a row, 1 s apart, unanswered; RFC 5880 (BFD) detection multiplier`,
      create: () => ({ detector: new MissedPings(1000, limit) }),
    }),
  ),
  {
    name: 'phi-akka',
    source:
      'Akka akka-remote PhiAccrualFailureDetector.scala with akka-cluster reference.conf: 1 s, threshold 8, pause 3 s, min σ 100 ms, reaper 1 s',
    create: () => ({ detector: new AkkaPhi() }),
  },
  {
    name: 'phi-cassandra',
    source: 'Apache Cassandra gms/FailureDetector.java: 1 s, phi_convict_threshold 8, max_local_pause 5 s',
    create: () => ({ detector: new CassandraPhi() }),
  },
  {
    name: 'lifeguard',
    source:
      'hashicorp/memberlist config.go DefaultLANConfig, state.go, suspicion.go, awareness.go, for two nodes: probe 1 s, suspicion 4 s, awareness 8',
    suspects: true,
    create: () => ({ detector: new Lifeguard() }),
  },
  {
    name: 'libp2p',
    source:
      'js-libp2p packages/libp2p/src/connection-monitor.ts: 10 s, timeout 1.2 × mean in 5–60 s, one miss aborts; reliable stream',
    create: () => ({ detector: new Libp2pMonitor(), reliable: true }),
  },
  {
    name: 'getstats',
    source:
      'what mediasoup applications write: bytesReceived of transport.getStats() polled every 5 s, dead when it stood still for 10 s; needs media',
    frequent: true,
    create: () => passive(new SilenceTimeout({ timeout: 10_000, poll: 5000 }), MEDIA_EVERY),
  },
  {
    name: 'jvb',
    source:
      'Jitsi Videobridge jvb/src/main/resources/reference.conf, ep-connection-status: inactive after 8 s, looked at every 500 ms; needs media',
    frequent: true,
    create: () => passive(new SilenceTimeout({ timeout: 8000, poll: 500 }), MEDIA_EVERY),
  },
  {
    name: 'ice-10',
    source: 'mediasoup WebRtcTransportOptions.iceConsentTimeout 10 s, its least; STUN checks every 2.5 s',
    create: () => passive(new SilenceTimeout({ timeout: 10_000 }), STUN_EVERY),
  },
  {
    name: 'ice-30',
    source:
      'mediasoup WebRtcTransportOptions.iceConsentTimeout 30 s, its default (RFC 7675); STUN checks every 2.5 s',
    create: () => passive(new SilenceTimeout({ timeout: 30_000 }), STUN_EVERY),
  },
  {
    name: 'livekit',
    source:
      'LiveKit signalling, JoinResponse of livekit_rtc.proto: ping_interval 5 s, ping_timeout 15 s; WebSocket',
    create: () => ({ detector: new SilenceTimeout({ timeout: 15_000, ping: 5000 }), reliable: true }),
  },
  {
    name: 'engine.io',
    source:
      'Engine.IO packages/engine.io/lib/server.ts, protocol v4: pingInterval 25 s, pingTimeout 20 s; WebSocket',
    create: () => ({ detector: new EngineIo(), reliable: true }),
  },
];

function passive(detector: Rival, traffic: number): Contender {
  return { detector, traffic, heard: now => detector.heard(now) };
}
