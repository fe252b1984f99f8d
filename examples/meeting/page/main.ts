// First: what comes after may need it.
import './language.ts';

import type { SignalingChannel } from '../signaling/SignalingChannel.ts';
import { Banner } from './Banner.ts';
import { ChangeLog } from './ChangeLog.ts';
import type { Ask } from './ChaosPanel.ts';
import { Controls } from './Controls.ts';
import { keepConnected } from './connect.ts';
import { byId } from './element.ts';
import { Meeting } from './Meeting.ts';
import { OwnConnection } from './OwnConnection.ts';
import { setServerTime } from './serverTime.ts';
import { TileGrid } from './TileGrid.ts';
import { TimelineList } from './TimelineList.ts';
import { Tour } from './Tour.ts';

const ask: Ask = (method, data) => {
  signaling?.request(method, data).catch((error: Error) => banner.tell(error.message));
};
const form = byId('join') as HTMLFormElement;
const nameField = form.elements.namedItem('name') as HTMLInputElement;
const banner = new Banner();
const changes = new ChangeLog();
const tiles = new TileGrid(name => ask('bringBack', { name }));
const timelines = new TimelineList(ask);
const tour = new Tour(ask, timelines);
const own = new OwnConnection(banner);
const controls = new Controls({ leave: () => leave(), sound: on => tiles.setSound(on) });
let signaling: SignalingChannel | undefined;
let meeting: Meeting | undefined;
let stream: MediaStream | undefined;
/** Who wants to be in the room: joins again after the signalling was lost. */
let wanted = fromAddress();

keepConnected({
  connected: async channel => {
    signaling = channel;
    banner.clear();
    channel.onNotification('roster', roster => {
      setServerTime(roster.at);
      tiles.show(roster);
      timelines.show(roster);
      tour.show(roster);
    });
    channel.onNotification('history', history => timelines.add(history));
    channel.onNotification('change', change => changes.add(change));
    await channel.request('watch', {});
    await join();
  },
  lost: () => {
    signaling = undefined;
    endMeeting();
    tiles.show({ at: 0, peers: [], absent: [] });
    timelines.show({ at: 0, peers: [], absent: [] });
    banner.warn('The server does not answer. Trying again…');
  },
});

form.addEventListener('submit', event => {
  event.preventDefault();
  wanted = {
    name: nameField.value.trim() || 'You',
    withMedia: (event.submitter as HTMLElement).dataset.action === 'join-media',
  };
  join();
});

/** `/?join=NAME` joins without media, `/?join=NAME&media=1` with camera and microphone. */
function fromAddress(): { name: string; withMedia: boolean } | undefined {
  const query = new URLSearchParams(location.search);
  const name = query.get('join');

  return name === null ? undefined : { name, withMedia: query.has('media') };
}

async function join(): Promise<void> {
  if (signaling === undefined || meeting !== undefined || wanted === undefined) {
    return;
  }

  const channel = signaling;

  form.hidden = true;

  try {
    stream ??= wanted.withMedia ? await media() : new MediaStream();
    meeting = await Meeting.join(channel, wanted.name, stream.getTracks(), (track, peerId) =>
      tiles.add(track, peerId),
    );
    tiles.setSelf(meeting.peerId, stream);
    own.follow(meeting.heartbeats);
    controls.show(meeting);
  } catch (error) {
    if (channel !== signaling) {
      // The signalling was lost. The page joins again when it is back.
      return;
    }

    leave();
    banner.warn(`Joining failed: ${(error as Error).message}`);
  }
}

/** Leaves the room for good. */
function leave(): void {
  wanted = undefined;
  endMeeting();

  for (const track of stream?.getTracks() ?? []) {
    track.stop();
  }

  stream = undefined;
  form.hidden = false;
}

function endMeeting(): void {
  meeting?.leave();
  meeting = undefined;
  own.hide();
  controls.hide();
  tiles.clear();
}

/** Camera and microphone, or one of them. Without either the user joins as a listener. */
async function media(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  } catch (error) {
    banner.tell(`No camera or microphone (${(error as Error).message}). You joined as a listener.`);

    return new MediaStream();
  }
}
