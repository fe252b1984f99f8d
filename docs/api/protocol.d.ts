// The public types of this package. Written by `npm run api`; do not edit.
type ClosePlan = {
    grace: number;
    maxPerSecond: number;
};
declare class CloseSchedule<Client extends object> {
    #private;
    add(client: Client, plan: ClosePlan, hasLeft: boolean, now: number): void;
    delete(client: Client): void;
    has(client: Client): boolean;
    postpone(client: Client, delay: number, now: number): boolean;
    stalled(duration: number, now: number): void;
    take(isWell: (client: Client) => boolean, now: number): Client[];
    get nextTimeout(): number;
}
type State = 'pending' | 'alive' | 'suspect' | 'dead' | 'closed';
type Reason = 'new' | 'no-client-half' | 'no-server-half' | 'not-connected' | 'version-mismatch' | 'stream-id-taken' | 'fake-handler' | 'unsupported-client' | 'first-pong' | 'first-ping' | 'recovered' | 'missed-pings' | 'page-unresponsive' | 'server-unresponsive' | 'server-network' | 'worker-unresponsive' | 'downlink-lost' | 'page-frozen' | 'goodbye' | 'no-answer' | 'ice-disconnected' | 'dtls-closed' | 'dtls-failed' | 'sctp-closed' | 'sctp-failed' | 'connection-failed' | 'channel-closed' | 'channel-lost' | 'protocol-violation' | 'transport-closed' | 'router-closed' | 'worker-died' | 'heartbeat-closed' | 'channel-failed';
type StateChange = {
    state: State;
    previous: State;
    reason: Reason;
    at: number;
    silentFor: number;
};
type Snapshot = Readonly<StateChange>;
type Member = {
    state: State;
    reason: Reason;
    at: number;
    lastSeenAt: number | undefined;
};
declare function groupVerdict(members: readonly Member[]): {
    state: State;
    reason: Reason;
};
type Ping$1 = {
    type: 'ping';
    seq: number;
    token: number;
    ack: number;
    ackHold: number;
    pongs: number;
};
type Pong = {
    type: 'pong';
    seq: number;
    token: number;
    hold: number;
    seen: number;
    hidden?: number;
};
type Hello$1 = {
    type: 'hello';
    instance: number;
    hidden: number;
    silence?: number;
};
type Report = {
    type: 'report';
    state: number;
    rtt: number;
    downlink: number;
    uplink: number;
};
type Goodbye = {
    type: 'goodbye';
    cause: number;
};
type Paused = {
    type: 'paused';
    cause: number;
    duration: number;
};
type Resumed = {
    type: 'resumed';
    cause: number;
};
type Frame = Ping$1 | Pong | Hello$1 | Report | Goodbye | Paused | Resumed;
type FrameType = Frame['type'];
declare const GoodbyeCause: {
    readonly PageClosing: 0;
    readonly TransportClosing: 1;
    readonly HeartbeatOff: 2;
};
declare const PauseCause: {
    readonly Frozen: 0;
    readonly Hidden: 1;
    readonly Interruption: 2;
};
declare const REPORT_STATES: readonly [
    "pending",
    "alive",
    "suspect",
    "dead",
    "closed"
];
declare const UNKNOWN_LOSS = 1001;
type Layout = {
    readonly code: number;
    readonly fields: readonly (readonly [
        name: string,
        max: number,
        optional?: true
    ])[];
};
declare const LAYOUTS: Readonly<Record<FrameType, Layout>>;
declare function encodeFrame(frame: Frame, version: number): Uint8Array;
declare function decodeFrame(bytes: Uint8Array, version: number): Frame;
declare const PROTOCOL_VERSION = 1;
declare const SUPPORTED_VERSIONS: readonly number[];
declare const MAX_FRAME_BYTES = 64;
declare const TICKS_PER_MS = 4;
declare const MAX_TICKS = 65535;
declare const MAX_HOLD = 100;
declare const INTERVAL: {
    readonly min: 100;
    readonly max: 15000;
};
declare const MAX_STREAM_ID = 65534;
declare const STREAM_OPTIONS: {
    readonly ordered: false;
    readonly maxRetransmits: 0;
};
declare const CHANNEL_LABEL = "mediasoup-heartbeat";
type Silence = {
    readonly since: number;
    readonly missed: number;
    readonly weight: number;
};
type PathSilence = Silence & {
    readonly afterOutage: {
        readonly missed: number;
        readonly weight: number;
    };
};
interface FailureDetector {
    readonly peer: Silence;
    readonly path: PathSilence;
    begin(now: number): void;
    heard(now: number, provenAt: number, inTime: boolean): void;
    pathHeard(now: number): void;
    missed(askedAt: number): void;
}
type FailureDetectorFactory = (bounds: DetectorOptions, side: 'server' | 'client') => FailureDetector;
type DetectorOptions = {
    interval: number;
    suspectAfter: number;
    deadAfter: number;
    deadAtLatest: number;
    unresponsiveAfter: number;
};
declare class SilenceLimit {
    #private;
    constructor(least: number);
    get limit(): number;
    get trust(): number;
    answered(): void;
    ended(length: number): void;
}
declare class SilenceModel {
    #private;
    constructor(forOutages?: number);
    get missRate(): number;
    weigh(run: number, trust?: number): number;
    answered(): void;
    ended(run: number, weight: number): void;
}
declare class SilenceRecord implements PathSilence {
    #private;
    since: number;
    missed: number;
    weight: number;
    deepFor: number;
    readonly afterOutage: {
        missed: number;
        weight: number;
    };
    constructor(model: SilenceModel, limit: SilenceLimit, outage: number, silence: number);
    reset(now: number, provenAt?: number): void;
    add(askedAt: number): void;
}
declare class AdaptiveDetector implements FailureDetector {
    #private;
    readonly peer: SilenceRecord;
    readonly path: SilenceRecord;
    constructor({ interval, deadAfter }: DetectorOptions, side: 'server' | 'client');
    begin(now: number): void;
    heard(now: number, provenAt: number, inTime: boolean): void;
    pathHeard(now: number): void;
    missed(askedAt: number): void;
}
declare function createAdaptiveDetector(bounds: DetectorOptions, side: 'server' | 'client'): FailureDetector;
type Option<T> = {
    readonly default: T;
    readonly expected: string;
    readonly isValid: (value: unknown) => boolean;
    readonly isDeprecated?: boolean;
};
type OptionTable<Options> = {
    readonly [Name in keyof Options]-?: Option<Options[Name] | undefined>;
};
type OptionValues<Table> = {
    [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never;
};
declare function option<T>(standard: T, expected: string, isValid: (value: unknown) => boolean): Option<T>;
declare function milliseconds<T extends number | undefined>(standard: T, min: number, max: number): Option<number | T>;
declare function flag<T extends boolean | undefined>(standard: T): Option<boolean | T>;
declare const COMMON_OPTIONS: {
    advertise: Option<boolean>;
    detector: Option<FailureDetectorFactory | undefined>;
    appData: Option<Record<string, unknown>>;
};
declare function isObject(value: unknown): value is object;
declare function checkOptionNames(caller: string, table: object, given: unknown): asserts given is object;
declare function optionValues<Table extends Readonly<Record<string, Option<unknown>>>>(table: Table, given: object): OptionValues<Table>;
declare function checkOption<T>(name: string, { expected, isValid }: Option<T>, value: unknown): T;
declare function show(value: unknown): string;
type DetectorPreset = 'balanced' | 'fast' | 'patient';
type DetectorInput = {
    preset?: DetectorPreset | undefined;
    deadBefore?: number | undefined;
} & {
    [Name in keyof DetectorOptions]?: number | undefined;
};
declare const DETECTOR_OPTIONS: {
    preset: Option<DetectorPreset>;
    interval: Option<number | undefined>;
    suspectAfter: Option<number | undefined>;
    deadAfter: Option<number | undefined>;
    deadAtLatest: Option<number | undefined>;
    deadBefore: {
        isDeprecated: true;
        default: number | undefined;
        expected: string;
        isValid: (value: unknown) => boolean;
    };
    unresponsiveAfter: Option<number | undefined>;
};
declare function resolveDetectorOptions(given?: DetectorInput): DetectorOptions;
type ChangeEvent = 'statechange' | 'alive' | 'suspect' | 'dead' | 'close';
type ChangeListeners = {
    emit(event: ChangeEvent, change: StateChange): void;
};
declare class ChangeTeller {
    #private;
    constructor(listeners: ChangeListeners, at: number);
    get snapshot(): Snapshot;
    add(change: StateChange): void;
}
type RttStats = {
    last: number | undefined;
    smoothed: number | undefined;
    variation: number | undefined;
    min: number | undefined;
    p50: number | undefined;
    p95: number | undefined;
};
type LossStats = {
    downlink: number | undefined;
    uplink: number | undefined;
    round: number | undefined;
    window: number;
};
type Outage = {
    at: number;
    duration: number;
    direction: 'uplink' | 'unknown';
};
type OutageStats = {
    count: number;
    total: number;
    longest: number;
    last: Outage | undefined;
};
type Stats = {
    at: number;
    rtt: RttStats;
    loss: LossStats;
    outages: OutageStats;
    sent: number;
    received: number;
    late: number;
    lost: number;
    malformed: number;
    internalErrors: number;
    localHealth: 'well' | 'server-network' | 'worker-unresponsive';
    lastSeenAt: number | undefined;
    silentFor: number;
    upSince: number | undefined;
    hidden: boolean;
    evidence: Evidence;
};
type Evidence = {
    missed: number;
    deadline: number;
    suspicion: number;
    path: 'carries' | 'silent' | 'unknown';
};
type Sample = {
    rtt: number;
    hold: number;
    seq: number;
    at: number;
    late: boolean;
};
type FrameErrorCode = 'empty' | 'oversized' | 'version' | 'shape' | 'type' | 'field';
declare class FrameError extends Error {
    readonly name = "FrameError";
    readonly code: FrameErrorCode;
    constructor(code: FrameErrorCode, message: string);
}
type RecoveryCause = 'silence' | 'ice-disconnected' | 'ice-failed' | 'online' | 'connection-change' | 'resumed' | 'network-changed' | 'application' | 'new-path';
type RecoveryFailure = 'gave-up' | 'channel-lost' | 'no-local-restart';
type Recovering = {
    cause: RecoveryCause;
    attempt: number;
    at: number;
    silentFor: number;
};
type Recovered = {
    attempts: number;
    outage: number;
    restoredIn: number | undefined;
    provenIn: number;
    at: number;
};
type RecoveryFailed = {
    reason: RecoveryFailure;
    attempts: number;
    at: number;
};
declare class TokenBucket {
    #private;
    constructor(now: number, waitingPerSecond: number);
    expectFrame(): void;
    caughtUp(ago: number, frames: number): void;
    charge(bytes: number, now: number): boolean;
    chargeExtra(): boolean;
    chargeChange(): boolean;
}
declare class InputGate {
    #private;
    readonly bucket: TokenBucket;
    constructor(now: number, waitingPerSecond: number);
    get malformed(): number;
    admit(bytes: Uint8Array, version: number, now: number): Frame | undefined;
    refuse({ code }: FrameError): boolean;
}
declare const INTERRUPTION: {
    readonly min: 100;
    readonly max: 120000;
    readonly default: 10000;
};
type Interruption = {
    readonly until: number;
};
type InterruptionsHost = {
    send(frame: Frame): void;
    interruptionsOver(now: number): void;
};
declare class Interruptions {
    #private;
    constructor(host: InterruptionsHost);
    get isHeld(): boolean;
    get nextAt(): number;
    get peerMayAnnounce(): boolean;
    announce(duration: number, now: number): Interruption;
    announceRestart(duration: number, now: number): void;
    end(interruption: Interruption, now: number): void;
    reconnected(now: number): void;
    peerAnnounced(duration: number, now: number): void;
    peerPaused(now: number): void;
    peerResumed(now: number): void;
    proven(at: number): void;
    expire(now: number): void;
    clear(): void;
}
declare class RttEstimator {
    #private;
    get smoothed(): number | undefined;
    get responseTimeout(): number;
    get present(): number;
    get isQueueing(): boolean;
    reset(): void;
    add(rtt: number): void;
    stats(): RttStats;
}
type PathCounters = {
    received: number;
    path?: string;
    data?: number;
    waiting?: boolean;
};
declare class PathProbe$1 {
    #private;
    get isAlive(): boolean;
    get aliveSince(): number;
    get isSilent(): boolean;
    get isAsking(): boolean;
    get askedAt(): number;
    get askAt(): number;
    answered(): void;
    get glanceAt(): number;
    get isBusy(): boolean;
    ask(now: number): void;
    poll(): boolean;
    glance(now: number): void;
    unexplainedSince(since: number): number;
    take(counters: PathCounters, rtt: RttEstimator, now: number): boolean;
    notAcknowledged(): void;
    heard(now: number): void;
    reset(): void;
    begin(): void;
}
declare class StallAdjustedClock {
    #private;
    get latest(): number;
    at(reading: number): number;
    timeOf(reading: number): number;
    late(reading: number, due: number): number;
    skip(from: number, to: number): void;
    reading(time: number): number;
}
declare const Ping = 0;
declare const Miss = 1;
declare const Lost = 2;
declare const FirstAnswer = 3;
declare const Hello = 4;
declare const InterruptionEnd = 5;
declare const PathProbe = 6;
type AnyTimer = typeof Ping | typeof Miss | typeof Lost | typeof FirstAnswer | typeof Hello | typeof InterruptionEnd | typeof PathProbe;
declare class TimerTable {
    #private;
    at(timer: AnyTimer): number;
    set(timer: AnyTimer, dueAt: number): void;
    clear(timer: AnyTimer): void;
    take(timer: AnyTimer, now: number): boolean;
    clearAll(): void;
    get next(): number;
}
type Signal = 'wait' | 'proof' | 'suspicion' | 'silence' | 'end' | 'close';
declare const SIGNALS: readonly Signal[];
declare const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Signal, State>>>>>;
type Side = {
    first: Reason;
    unresponsive: Reason;
    unreportedStall: number;
    unaskedFrames: number;
};
declare abstract class Judge {
    #private;
    protected readonly side: Side;
    protected readonly bounds: DetectorOptions;
    protected readonly detector: FailureDetector;
    protected readonly clock: StallAdjustedClock;
    protected readonly timers: TimerTable;
    protected readonly rtt: RttEstimator;
    protected readonly path: PathProbe$1;
    protected judging: boolean;
    protected returns: number;
    protected doubtedFor: Reason | undefined;
    protected newMisses: number;
    protected constructor(side: Side, bounds: DetectorOptions, detector: FailureDetector, now: number);
    get state(): State;
    get reason(): Reason;
    get isReturning(): boolean;
    abstract handleStall(from: number, to: number): void;
    protected abstract get overdueAt(): number;
    protected abstract takeOverdue(): number;
    protected abstract expect(time: number): void;
    protected abstract forgetExpected(drainedAt: number): void;
    protected abstract returnsFor(state: State): number;
    protected abstract endsReturn(askedAt: number, time: number): boolean;
    protected abstract get isHeld(): boolean;
    protected abstract changed(change: StateChange, time: number): void;
    protected judgeAnew(time: number): void;
    protected stopJudging(): void;
    protected heard(time: number): void;
    protected proven(time: number, provenAt: number, inTime: boolean): void;
    protected doubt(reason: Reason, time: number): void;
    protected restored(time: number): void;
    protected signal(signal: Signal, reason: Reason, time: number): void;
    protected get missed(): number;
    protected isGivenUp(time: number): boolean;
    protected isCongested(time: number): boolean;
    protected silentFor(now: number): number;
    protected get upSince(): number | undefined;
    protected get lastSeenAt(): number | undefined;
    protected evidence(deadline: number): Evidence;
    protected assess(time: number): void;
    protected conclude(time: number): void;
    protected provesDoubt(time: number): boolean;
    protected provesDeath(time: number): boolean;
    protected isOver(time: number): boolean;
    protected countOverdue(time: number): void;
    protected countsMisses(time: number): boolean;
    protected miss(askedAt: number, time: number): void;
    protected trustsStack(_time: number): boolean;
    protected blame(time: number): Reason;
    protected stalled(time: number, duration: number): void;
    protected planJudging(time: number): void;
}
type EndpointEvent = {
    type: 'change';
    change: StateChange;
} | {
    type: 'sample';
    sample: Sample;
} | {
    type: 'outage';
    outage: Outage;
} | {
    type: 'dropped';
    error: FrameError;
} | {
    type: 'drop';
    cause: string | Error;
} | {
    type: 'recovering';
    recovering: Recovering;
} | {
    type: 'recovered';
    recovered: Recovered;
} | {
    type: 'fault';
    error: Error;
} | {
    type: 'violation';
};
declare abstract class Endpoint extends Judge {
    #private;
    protected readonly gate: InputGate;
    protected readonly interruptions: Interruptions;
    protected version: number | undefined;
    protected isOpen: boolean;
    protected hasViolated: boolean;
    protected hidden: boolean;
    wantsDrops: boolean;
    wantsSamples: boolean;
    protected constructor(side: Side, bounds: DetectorOptions, detector: FailureDetector, now: number);
    pollTransmit(): Uint8Array | undefined;
    poll(): EndpointEvent | undefined;
    pollPathProbe(): boolean;
    get nextTimeout(): number;
    get isQueueing(): boolean;
    handleFrame(bytes: Uint8Array, now: number): void;
    handleTimeout(now: number): void;
    handleStall(from: number, to: number): void;
    handlePath(counters: PathCounters | undefined, now: number): void;
    handleDegraded(reason: Reason, now: number): void;
    abstract handleHint(now: number): void;
    expectInterruption(duration: number, now: number): Interruption;
    endInterruption(interruption: Interruption, now: number): void;
    handleRestart(duration: number, now: number): void;
    abstract depart(cause: number, now: number): void;
    close(reason: Reason, now: number): void;
    fail(error: unknown): void;
    abstract stats(now: number): Stats;
    protected abstract take(frame: Frame, time: number): void;
    protected abstract act(time: number): void;
    protected abstract plan(time: number): void;
    protected abstract firstAnswerOverdue(time: number): void;
    protected get isHeld(): boolean;
    protected changed(change: StateChange, _time: number): void;
    protected probePath(time: number): void;
    protected pathProbed(): void;
    protected enter(now: number): number;
    protected leave(time: number): void;
    protected dropped(cause: string | Error): void;
    protected tell(event: EndpointEvent): void;
    protected readonly outageOver: (outage: Outage) => void;
    protected transmit(frame: Frame): void;
    protected goodbye(cause: number): void;
    protected violated(time: number): void;
    protected read(bytes: Uint8Array, version: number, time: number, now: number): void;
    protected commonStats(now: number): {
        at: number;
        malformed: number;
        internalErrors: number;
        localHealth: 'well';
        lastSeenAt: number | undefined;
        silentFor: number;
        upSince: number | undefined;
        hidden: boolean;
    };
}
type ClientEndpointOptions = {
    bounds: DetectorOptions;
    detector: FailureDetector;
    version: number | undefined;
    firstPingTimeout: number;
    instance: number;
    now: number;
};
type PeerReport = {
    state: State;
    rtt: number | undefined;
    loss: {
        downlink: number | undefined;
        uplink: number | undefined;
    };
    at: number;
};
declare class ClientEndpoint extends Endpoint {
    #private;
    constructor(options: ClientEndpointOptions);
    get report(): PeerReport | undefined;
    decline(reason: Reason, now: number): void;
    get hasGivenUp(): boolean;
    giveUp(reason: Reason, now: number): void;
    opened(now: number): void;
    handleTimeout(now: number): void;
    connected(now: number): void;
    handleOtherPath(now: number): void;
    handleHint(now: number): void;
    disconnected(reason: Reason, now: number): void;
    setHidden(hidden: boolean, now: number): void;
    freeze(now: number): void;
    thaw(now: number): void;
    depart(cause: number, now: number): void;
    returned(now: number): void;
    stats(now: number): Stats;
    protected take(frame: Frame, time: number): void;
    protected enter(now: number): number;
    protected act(time: number): void;
    protected plan(): void;
    protected get overdueAt(): number;
    protected takeOverdue(): number;
    protected expect(time: number): void;
    protected forgetExpected(drainedAt: number): void;
    protected returnsFor(state: State): number;
    protected endsReturn(_askedAt: number, time: number): boolean;
    protected firstAnswerOverdue(time: number): void;
    protected pathProbed(): void;
    protected changed(change: StateChange, time: number): void;
    protected goodbye(cause: number): void;
}
type HeartbeatEvents = {
    statechange: [
        StateChange
    ];
    alive: [
        StateChange
    ];
    suspect: [
        StateChange
    ];
    dead: [
        StateChange
    ];
    recovering: [
        Recovering
    ];
    recovered: [
        Recovered
    ];
    close: [
        StateChange
    ];
    sample: [
        Sample
    ];
    outage: [
        Outage
    ];
    stats: [
        Stats
    ];
    dropped: [
        FrameError
    ];
    internalerror: [
        Error
    ];
};
type LoopTimer = {
    set(ms: number): void;
    clear(): void;
};
type Surroundings = {
    now(): number;
    createTimer(callback: () => void): LoopTimer;
    afterInput(callback: () => void, wasHeldUp: boolean): void;
    stalled?(duration: number): void;
    readonly stall: number;
    readonly isThrottled?: boolean;
};
type LoopOwner = {
    transmit(frame: Uint8Array): void;
    readPath(): Promise<PathCounters>;
    emit<K extends keyof HeartbeatEvents>(event: K, ...args: HeartbeatEvents[K]): void;
    silence(): void;
    readonly wantsStats: boolean;
    readonly wantsSamples: boolean;
    logDrop(cause: string | Error): void;
    readonly wantsDrops: boolean;
};
declare class Loops {
    #private;
    readonly surroundings: Surroundings;
    constructor(surroundings: Surroundings);
    get size(): number;
    add(loop: EndpointLoop<Endpoint>): void;
    delete(loop: EndpointLoop<Endpoint>): void;
    fired(dueAt: number, now: number): void;
    catchUp(): void;
}
declare class EndpointLoop<E extends Endpoint> {
    #private;
    readonly endpoint: E;
    constructor(endpoint: E, owner: LoopOwner, loops: Loops);
    get snapshot(): Snapshot;
    feed<T = undefined>(input: (endpoint: E, now: number, subject: T) => void, subject?: T): void;
    expectInterruption(duration: number): () => void;
    statsWanted(): void;
    catchUp(): void;
    stalled(from: number, to: number): void;
    stop(): void;
}
type HealthChange = {
    isWell: boolean;
    peers: number;
    silent: number;
    at: number;
};
declare class LocalHealth {
    #private;
    constructor(changed?: (change: HealthChange) => void);
    heard(peer: object, now: number): void;
    fellSilent(peer: object, since: number, interval: number): void;
    leave(peer: object): void;
    isWell(now: number): boolean;
}
type Fellow = {
    readonly state: State;
    readonly misses: number | undefined;
    readonly heardAt: number | undefined;
};
declare class PeerGroup {
    #private;
    add(member: Fellow): void;
    delete(member: Fellow): void;
    hearsPeerWithout(silent: Fellow, interval: number): boolean;
    worstWith(silent: Fellow, interval: number): State;
}
declare abstract class ServerJudge extends Endpoint implements Fellow {
    #private;
    protected constructor(side: Side, bounds: DetectorOptions, detector: FailureDetector, now: number, health?: readonly LocalHealth[]);
    get misses(): number | undefined;
    get heardAt(): number | undefined;
    join(group: PeerGroup | undefined): void;
    handleFrame(bytes: Uint8Array, now: number): void;
    handlePath(counters: PathCounters | undefined, now: number): void;
    protected abstract toldCause(time: number): Reason | undefined;
    protected abstract firstAnswerMissed(time: number): void;
    protected spare(until: number): void;
    protected get weighsDeath(): boolean;
    protected get isLocallyWell(): boolean;
    protected localHealth(now: number): Stats['localHealth'];
    protected get isBlind(): boolean;
    protected stopJudging(): void;
    protected proven(time: number, provenAt: number, inTime: boolean): void;
    protected miss(askedAt: number, time: number): void;
    protected assess(time: number): void;
    protected conclude(time: number): void;
    protected provesDoubt(time: number): boolean;
    protected provesDeath(time: number): boolean;
    protected isOver(time: number): boolean;
    protected blame(time: number): Reason;
    protected trustsStack(time: number): boolean;
    protected probePath(time: number): void;
    protected planJudging(time: number): void;
}
type ServerEndpointOptions = {
    bounds: DetectorOptions;
    detector: FailureDetector;
    firstPongTimeout: number;
    frozenTimeout: number;
    phase: number;
    slot?: () => number;
    health?: readonly LocalHealth[];
    random: () => number;
    now: number;
};
declare class ServerEndpoint extends ServerJudge {
    #private;
    constructor(options: ServerEndpointOptions);
    accept(version: number, now: number, isGuess?: boolean): void;
    decline(reason: 'no-client-half' | 'version-mismatch' | 'stream-id-taken', now: number): void;
    connected(now: number): void;
    handleIce(state: 'up' | 'lost', now: number): void;
    handleOtherPath(address: string, now: number): void;
    depart(cause: number, now: number): void;
    close(reason: Reason, now: number): void;
    handleHint(now: number): void;
    disconnected(reason: Reason, now: number): void;
    stats(now: number): Stats;
    protected read(bytes: Uint8Array, agreed: number, time: number, now: number): void;
    protected take(frame: Frame, time: number): void;
    protected act(time: number): void;
    protected plan(time: number): void;
    protected get overdueAt(): number;
    protected takeOverdue(): number;
    protected expect(time: number): void;
    protected forgetExpected(): void;
    protected returnsFor(state: State): number;
    protected endsReturn(askedAt: number): boolean;
    protected firstAnswerOverdue(time: number): void;
    protected firstAnswerMissed(time: number): void;
    protected toldCause(time: number): Reason | undefined;
    protected changed(change: StateChange, time: number): void;
}
type Undo = () => void;
type Method = (...args: any[]) => any;
type Emitter = {
    on(event: string, listener: Method): unknown;
    off(event: string, listener: Method): unknown;
};
declare function overrideProperty(target: object, name: string, descriptor: PropertyDescriptor): Undo;
declare function override<Name extends string, T extends {
    [_ in Name]: Method;
}>(target: T, name: Name, method: T[Name]): Undo;
declare function before<Name extends string>(target: {
    [_ in Name]: Method;
}, name: Name, callback: (...args: unknown[]) => void): Undo;
declare function listen(emitter: Emitter, event: string, listener: Method): Undo;
type Descriptor = {
    versions: readonly number[];
    streamId: number;
    interval: number;
};
type Acceptance = {
    version: number;
};
type DescriptorResult = {
    ok: true;
    descriptor: Descriptor;
    version: number;
} | {
    ok: false;
    reason: 'no-server-half' | 'version-mismatch';
};
declare function negotiateVersion(theirs: readonly number[], ours?: readonly number[]): number | undefined;
declare function readDescriptor(value: unknown, ours?: readonly number[]): DescriptorResult;
declare function readAcceptance(value: unknown, ours?: readonly number[]): {
    ok: true;
    version: number;
} | {
    ok: false;
    reason: 'no-client-half' | 'version-mismatch';
};
declare function toWire(seq: number): number;
declare function fromWire(wire: number, reference: number): number;
export { AdaptiveDetector, CHANNEL_LABEL, COMMON_OPTIONS, ChangeTeller, ClientEndpoint, CloseSchedule, DETECTOR_OPTIONS, Endpoint, EndpointLoop, FrameError, GoodbyeCause, INTERRUPTION, INTERVAL, LAYOUTS, LocalHealth, Loops, MAX_FRAME_BYTES, MAX_HOLD, MAX_STREAM_ID, MAX_TICKS, PROTOCOL_VERSION, PauseCause, PeerGroup, REPORT_STATES, SIGNALS, STREAM_OPTIONS, SUPPORTED_VERSIONS, ServerEndpoint, TICKS_PER_MS, TRANSITIONS, UNKNOWN_LOSS, before, checkOption, checkOptionNames, createAdaptiveDetector, decodeFrame, encodeFrame, flag, fromWire, groupVerdict, isObject, listen, milliseconds, negotiateVersion, option, optionValues, override, overrideProperty, readAcceptance, readDescriptor, resolveDetectorOptions, show, toWire };
export type { Acceptance, ChangeEvent, ClientEndpointOptions, ClosePlan, Descriptor, DescriptorResult, DetectorInput, DetectorOptions, DetectorPreset, EndpointEvent, Evidence, FailureDetector, FailureDetectorFactory, Fellow, Frame, FrameErrorCode, FrameType, Goodbye, HealthChange, HeartbeatEvents, Hello$1 as Hello, Interruption, Layout, LoopOwner, LoopTimer, LossStats, Member, Option, OptionTable, OptionValues, Outage, OutageStats, PathCounters, PathSilence, Paused, PeerReport, Ping$1 as Ping, Pong, Reason, Recovered, Recovering, RecoveryCause, RecoveryFailed, RecoveryFailure, Report, Resumed, RttStats, Sample, ServerEndpointOptions, Signal, Silence, Snapshot, State, StateChange, Stats, Surroundings, Undo };
