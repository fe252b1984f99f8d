import type { SignalingChannel } from '../signaling/SignalingChannel.ts';
import { ChangeLog } from './ChangeLog.ts';
import { keepConnected } from './connect.ts';
import { byId } from './element.ts';
import { Meeting } from './Meeting.ts';
import { RosterView } from './RosterView.ts';
import { SelfView } from './SelfView.ts';
import { VideoGrid } from './VideoGrid.ts';

const form = byId('join') as HTMLFormElement;
const nameField = form.elements.namedItem('name') as HTMLInputElement;
const [joinWithMedia, joinBare, leaveButton] = [...form.querySelectorAll('button')] as HTMLButtonElement[];
const changes = new ChangeLog();
const videos = new VideoGrid();
let signaling: SignalingChannel | undefined;
let meeting: Meeting | undefined;
let selfView: SelfView | undefined;

keepConnected({
  connected: async channel => {
    const roster = new RosterView(channel);

    signaling = channel;
    document.body.classList.remove('offline');
    notice('');
    channel.onNotification('roster', ({ peers }) => roster.show(peers));
    channel.onNotification('change', change => changes.add(change));
    await channel.request('watch', {});
    await joinFromAddress();
  },
  lost: () => {
    signaling = undefined;
    leave();
    document.body.classList.add('offline');
    notice('The server does not answer. Trying again…');
  },
});

form.addEventListener('submit', event => {
  event.preventDefault();
  join(nameField.value, (event.submitter as HTMLElement).dataset.action === 'join-media');
});
leaveButton?.addEventListener('click', leave);

/** `/?join=NAME` joins without media, `/?join=NAME&media=1` with camera and microphone. */
async function joinFromAddress(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const name = query.get('join');

  if (name !== null) {
    await join(name, query.has('media'));
  }
}

async function join(name: string, withMedia: boolean): Promise<void> {
  if (signaling === undefined || meeting !== undefined) {
    return;
  }

  const shownName = name.trim() || 'Somebody';

  nameField.value = shownName;
  showJoined(true);

  try {
    meeting = await Meeting.join(signaling, shownName, withMedia ? await media() : [], track =>
      videos.add(track),
    );
    selfView = new SelfView(shownName, meeting.heartbeats);
  } catch (error) {
    notice(`Joining failed: ${(error as Error).message}`);
    leave();
  }
}

function leave(): void {
  meeting?.leave();
  meeting = undefined;
  selfView?.hide();
  videos.clear();
  showJoined(false);
}

/** Camera and microphone, or one of them. Without either the user joins as a listener. */
async function media(): Promise<MediaStreamTrack[]> {
  try {
    return (await navigator.mediaDevices.getUserMedia({ audio: true, video: true })).getTracks();
  } catch (error) {
    notice(`No camera or microphone (${(error as Error).message}): you joined as a listener.`);

    return [];
  }
}

function showJoined(joined: boolean): void {
  nameField.disabled = joined;

  for (const button of [joinWithMedia, joinBare]) {
    button?.toggleAttribute('hidden', joined);
  }

  leaveButton?.toggleAttribute('hidden', !joined);
}

function notice(text: string): void {
  const shown = byId('notice');

  shown.textContent = text;
  shown.hidden = text === '';
}
