import { RefereeLights } from '../view/parts.tsx'
import type { Pad } from './pad.ts'
import { VerdictPad } from './verdict-pad.tsx'

type Referee = 1 | 2 | 3

/** One of three referees; shows the verdict that owlcms has, and never before it has it. */
export function RefereePad({ pad }: { pad: Pad }) {
  const referee = pad.seat.number as Referee
  return (
    <VerdictPad
      pad={pad}
      command={(value) => ({ kind: 'refereeDecision', referee, value })}
      taken={pad.state?.decisions[referee]}
      label={pad.texts.keypad.mySeat}
    />
  )
}

/** One who decides alone: referee 0 for owlcms, which answers with the lights (docs/owlcms.md 4.5). */
export function SoloPad({ pad }: { pad: Pad }) {
  return (
    <VerdictPad
      pad={pad}
      command={(value) => ({ kind: 'refereeDecision', referee: 0, value })}
      taken={pad.state?.shown ?? pad.state?.decisions[2]}
      label={pad.texts.keypad.mySeat}
    />
  )
}

/** A jury member: votes in secret, and sees the referees' lights at once. */
export function JuryMemberPad({ pad }: { pad: Pad }) {
  return (
    <div class="stack">
      <div class="panel">
        <h2>{pad.texts.keypad.refereeLights}</h2>
        <RefereeLights state={pad.state} texts={pad.texts} />
      </div>
      <Vote pad={pad} />
    </div>
  )
}

type Member = 1 | 2 | 3 | 4 | 5

/** A secret vote: owlcms says only that it has it, and so do we. */
export function Vote({ pad }: { pad: Pad }) {
  const { keypad } = pad.texts
  const member = pad.seat.number as Member
  const own = pad.state?.jury.votes[member]
  const isPresident = pad.seat.role === 'juryPresident'
  const isCast = own === 'hidden'
  return (
    <div class="vote" data-vote={own ?? 'none'}>
      <h2>
        {isPresident ? keypad.ownVote : keypad.juryTitle}
        {isPresident && isCast && <span class="cast-mark"> ✓ {pad.texts.common.hidden}</span>}
      </h2>
      <VerdictPad
        pad={pad}
        command={(value) => ({ kind: 'juryVote', member, value })}
        taken={pad.state?.jury.revealed === true ? own : undefined}
        label={keypad.juryTitle}
        secret
      />
      {!isPresident && isCast && <p class="cast">✓ {keypad.voteCast}</p>}
    </div>
  )
}
