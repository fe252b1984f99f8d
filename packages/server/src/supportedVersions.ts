/** The versions of mediasoup that the heartbeat works with, as in package.json. */
export const SUPPORTED_MEDIASOUP = '>=3.19.19 <3.20.0 || >=3.21.2 <4';

/** The versions of Node.js that mediasoup demands, as in package.json. */
export const SUPPORTED_NODE = '>=22';

let warnedOfNode = false;

/**
 * Checks the installed versions. npm only warns of a wrong one, and silently picks an older mediasoup for an older Node.
 *
 * @param mediasoup - The version of the mediasoup that made the transport.
 * @throws Error if the heartbeat does not work with that mediasoup. For an old Node it only warns, once, because mediasoup may
 * run on it.
 */
export function checkVersions(mediasoup: string): void {
  const { node } = process.versions;
  const nodeIsOld = !isIn(SUPPORTED_NODE, node);

  if (!isIn(SUPPORTED_MEDIASOUP, mediasoup)) {
    throw new Error(
      `attachHeartbeat(): mediasoup ${mediasoup} is not supported, only ${SUPPORTED_MEDIASOUP}. ` +
        (isIn('>=4', mediasoup)
          ? 'Update the heartbeat with `npm install @mediasoup-heartbeat/server@latest`, or install mediasoup@3.'
          : 'Install a supported version with `npm install mediasoup@3`.') +
        (nodeIsOld
          ? ` Update Node.js ${node} to ${SUPPORTED_NODE} first: on an older one npm installs an older mediasoup.`
          : ''),
    );
  } else if (nodeIsOld && !warnedOfNode) {
    warnedOfNode = true;
    process.emitWarning(
      `mediasoup and its heartbeat need Node.js ${SUPPORTED_NODE}, and this is ${node}. Update Node.js.`,
      { code: 'MEDIASOUP_HEARTBEAT_NODE' },
    );
  }
}

/** Whether a version is in a range like `>=1.2.3 <2 || >=2.1`. A prerelease counts as its release. */
function isIn(range: string, version: string): boolean {
  return range.split(' || ').some(part =>
    part.split(' ').every(bound => {
      const order = compare(version, bound.replace(/^\D+/, ''));

      return bound.startsWith('>=') ? order >= 0 : order < 0;
    }),
  );
}

/** Below 0 if `a` is older, above 0 if it is newer, NaN if it is no version. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map(version => version.split('-', 1).join().split('.').map(Number));
  const differing = [0, 1, 2].find(index => (left?.[index] ?? 0) !== (right?.[index] ?? 0)) ?? 0;

  return (left?.[differing] ?? 0) - (right?.[differing] ?? 0);
}
