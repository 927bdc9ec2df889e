// Where sound comes from: the rep's microphone and the meeting's tab. What can go wrong is a code with a remedy in words.

/** in_use: another program holds the microphone. no_tab_sound: shared without its sound. stopped: it was there and ended. */
export type SourceFault = "refused" | "none" | "in_use" | "insecure" | "unsupported" | "not_chosen" | "no_tab_sound" | "stopped" | "failed";

export class SourceError extends Error {
  constructor(readonly fault: SourceFault) {
    super(fault);
  }
}

/**
 * Echo cancellation on: with loudspeakers the customer's words would come back as the rep's. Noise suppression off: the
 * recogniser copes with noise better than with words whose quiet ends were cut away. Gain on: laptops' microphones are
 * set to very different levels.
 */
const MICROPHONE: MediaTrackConstraints = { channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: true };

/** The meeting's sound is clean already, and the rep must go on hearing it. */
const TAB_SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, suppressLocalAudioPlayback: false };

/** Only browsers that let a page steer its captured tab share a tab's sound (Chrome, Edge; not Firefox, not Safari). */
export function hearsTabs(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function" && "CaptureController" in window;
}

export async function microphone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new SourceError(window.isSecureContext ? "unsupported" : "insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE });
  } catch (error) {
    throw new SourceError(microphoneFault(error));
  }
}

export function microphoneFault(error: unknown): SourceFault {
  switch (nameOf(error)) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "none";
    case "NotReadableError":
    case "AbortError":
      return "in_use";
    default:
      return "failed";
  }
}

export async function meetingTab(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new SourceError(window.isSecureContext ? "unsupported" : "insecure");
  if (!hearsTabs()) throw new SourceError("unsupported");
  let stream: MediaStream;
  try {
    // A picture has to be asked for; `systemAudio` and `surfaceSwitching` are Chrome's own.
    const wish = { video: true, audio: TAB_SOUND, systemAudio: "include", selfBrowserSurface: "exclude", surfaceSwitching: "include" };
    stream = await navigator.mediaDevices.getDisplayMedia(wish as DisplayMediaStreamOptions);
  } catch (error) {
    throw new SourceError(nameOf(error) === "NotAllowedError" ? "not_chosen" : "failed");
  }
  // The picture is not looked at: nobody needs to pay for drawing it, and nobody's screen is taken in.
  for (const track of stream.getVideoTracks()) track.stop();
  if (stream.getAudioTracks().length > 0) return stream;
  throw new SourceError("no_tab_sound");
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : "";
}
