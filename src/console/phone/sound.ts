/** One tone of an alert. */
export interface Tone {
  readonly hertz: number
  readonly ms: number
}

/** Pause between two tones of an alert, in milliseconds: without it a hall hears one long tone. */
const gapMs = 60
const loudness = 0.6

/** The page's sound. Browsers allow none before the first tap, so `unlock` is called by it. */
export interface Sound {
  unlock(): void
  /** Plays the tones one after another, or nothing where sound is not allowed. */
  play(tones: readonly Tone[]): void
}

/** Sound by Web Audio: nothing to download, and no file that could be missing. */
export function webSound(): Sound {
  let context: AudioContext | undefined
  const wake = (): void => {
    // iOS interrupts it for a call and when the page is hidden. Refused before a tap: then there is no sound, only the flash.
    if (context !== undefined && context.state !== 'running') context.resume().catch(() => undefined)
  }
  return {
    unlock() {
      try {
        context ??= new AudioContext()
      } catch {
        return // A browser without Web Audio still flashes.
      }
      wake()
    },
    play(tones) {
      if (context === undefined) return
      wake()
      let at = context.currentTime
      for (const { hertz, ms } of tones) {
        const oscillator = new OscillatorNode(context, { type: 'square', frequency: hertz })
        const gain = new GainNode(context, { gain: loudness })
        oscillator.connect(gain).connect(context.destination)
        oscillator.start(at)
        oscillator.stop(at + ms / 1000)
        at += (ms + gapMs) / 1000
      }
    },
  }
}
