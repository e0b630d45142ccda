"""Takes a notice through the stages, and what passes into a message. Writes every decision down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alerts.notifying.care import note_told
from alerts.notifying.channels import channels_of
from alerts.notifying.memory import Group, Held, RecipientMemory
from alerts.notifying.room import crowded_out, is_full
from alerts.notifying.situation import Situation, family
from alerts.notifying.stages import decide
from alerts.notifying.stages.rate_limit import HOUR
from alerts.notifying.stages.verdict import Candidate, Drop, Hold
from alerts.notifying.telling import Notice, NotifierEffects, Occasion, Outgoing, notice_id
from alerts.notifying.timers import Timers, Turn
from alerts.recipients import Recipient
from schemas.instants import Millis
from schemas.notification import Notification, OccasionKind, Outcome, Why

_REASONS: dict[OccasionKind, Why] = {
    "opened": Why.FIRST_NOTIFICATION,
    "worsened": Why.WORSENED,
    "improved": Why.IMPROVED,
    "reminded": Why.REMINDER_DUE,
    "acknowledged": Why.ACKNOWLEDGED,
    "escalated": Why.ESCALATION_DUE,
    "closed": Why.RECOVERED,
    "corrected": Why.CORRECTED,
    "warned": Why.FORECAST,
    "digest": Why.DIGEST,
    "health": Why.HEALTH,
    "test": Why.TEST,
}
# To somebody who was not told of the incident before, these are the first they hear of it.
_MAY_BE_FIRST: frozenset[OccasionKind] = frozenset({"worsened", "reminded"})


class Teller:
    """Tells recipients of occasions."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.timers = Timers()
        self.effects = NotifierEffects()
        self._gathering: dict[str, None] = {}  # recipients with a message being gathered

    def resume(self) -> None:
        """Set the timers of what is held back and gathered, as it was kept."""
        for recipient_id, memory in self.situation.memory.recipients:
            self._set_timers(recipient_id, memory)
            if memory.groups:
                self._gathering[recipient_id] = None

    @property
    def has_message(self) -> bool:
        """Whether a message waits for the end of the round."""
        memory, clock = self.situation.memory, self.situation.clock
        gathering = (memory.recipients.get(one) for one in self._gathering)
        return any(
            group.until <= clock
            for recipient in gathering
            if recipient is not None
            for group in recipient.groups.values()
        )

    def tell(self, occasion: Occasion, recipient: Recipient, why: Why | None = None) -> bool:
        """Decide about telling one recipient; whether they will be told, now or later."""
        reason = why or _REASONS[occasion.kind]
        return self._decide(Candidate(occasion, recipient, reason, self.situation.clock))

    def tell_all(self, occasion: Occasion, recipients: Iterable[Recipient]) -> bool:
        """Decide about telling some; whether at least one of them will be told."""
        told = [recipient for recipient in recipients if self.tell(occasion, recipient)]
        return bool(told)

    def drop(self, occasion: Occasion, verdict: Drop) -> None:
        """Write down that nobody is told of an occasion, in one record."""
        self._record(f"{occasion.subject}|{occasion.serial}", "dropped", verdict.why, occasion)

    def _decide(self, candidate: Candidate) -> bool:
        occasion, recipient_id = candidate.occasion, candidate.recipient.recipient_id
        verdict = decide(candidate, self.situation)
        name = notice_id(occasion.subject, occasion.serial, recipient_id)
        notice = Notice(name, occasion, recipient_id, candidate.why)
        if isinstance(verdict, Drop):
            self._record_notice(notice, "dropped", verdict.why, detail=verdict.detail)
            return False
        if isinstance(verdict, Hold):
            self._record_notice(
                notice, "held", verdict.why, until=verdict.until, detail=verdict.detail
            )
            self._hold(Held(verdict.until, notice))
            return True
        for earlier in self._take_along(notice):
            self._gather(earlier, candidate.recipient)
        self._gather(notice._replace(why=verdict.why), candidate.recipient)
        return True

    def _hold(self, held: Held) -> None:
        """Keep a notice for later; where there is no room for all, the oldest ones fall."""
        recipient_id = held.notice.recipient
        memory = self.situation.memory.recipient(recipient_id)
        memory.held.append(held)
        fallen = crowded_out(memory.held)
        if fallen:
            memory.held = [one for one in memory.held if one not in fallen]
            for one in fallen:
                self._record_notice(one.notice, "dropped", Why.CROWDED_OUT)
        self._changed(recipient_id, memory)

    def _take_along(self, notice: Notice) -> list[Notice]:
        """What is held back of the same incident and came before travels with this notice."""
        subject, serial = notice.occasion.subject, notice.occasion.serial
        earlier = [
            held
            for held in self.situation.held(subject, notice.recipient)
            if held.notice.occasion.serial < serial
        ]
        if earlier:
            memory = self.situation.memory.recipient(notice.recipient)
            memory.held = [held for held in memory.held if held not in earlier]
            self._changed(notice.recipient, memory)
        return [held.notice for held in earlier]

    def _gather(self, notice: Notice, recipient: Recipient) -> None:
        """Put a notice into the message that is being gathered, or begin one."""
        situation, occasion = self.situation, notice.occasion
        told = situation.was_told(occasion.subject, notice.recipient)
        if occasion.kind in _MAY_BE_FIRST and not told:
            notice = notice._replace(why=Why.FIRST_NOTIFICATION)
        memory = situation.memory.recipient(notice.recipient)
        group = memory.groups.get(family(occasion.kind))
        if group is None:
            clock = situation.clock
            memory.sent = [*(at for at in memory.sent if at > clock - HOUR), clock]
            group = Group(clock + situation.rules.group_wait, ())
            self._gathering[notice.recipient] = None
        group = group._replace(notices=(*group.notices, notice))
        memory.groups[family(occasion.kind)] = group
        if situation.rules.group_wait:
            self._record_notice(notice, "held", Why.GROUPED, until=group.until)
        self._changed(notice.recipient, memory)
        note_told(situation, self.timers, notice, recipient)
        if is_full(group.notices):
            self._send_group(notice.recipient, family(occasion.kind))

    def release(self, recipient_id: str) -> None:
        """Decide again what has been held back from a recipient until now."""
        situation = self.situation
        memory, clock = situation.memory.recipient(recipient_id), situation.clock
        due = [held.notice for held in memory.held if held.until <= clock]
        memory.held = [held for held in memory.held if held.until > clock]
        self._changed(recipient_id, memory)
        recipient = situation.recipients.by_id(recipient_id)
        for notice in due:
            if recipient is None:
                self._record_notice(notice, "dropped", Why.NO_RECIPIENT)
            else:
                self._decide(Candidate(notice.occasion, recipient, notice.why, clock))

    def end_round(self) -> None:
        """Send what need not wait for more."""
        for recipient_id in sorted(self._gathering):
            self.send_gathered(recipient_id)

    def send_gathered(self, recipient_id: str) -> None:
        """Send the messages to a recipient that have been gathered for long enough."""
        situation = self.situation
        memory, clock = situation.memory.recipient(recipient_id), situation.clock
        ready = [name for name, group in memory.groups.items() if group.until <= clock]
        for name in ready:
            self._send_group(recipient_id, name)

    def _send_group(self, recipient_id: str, name: str) -> None:
        memory = self.situation.memory.recipient(recipient_id)
        self.send(memory.groups.pop(name).notices)
        if not memory.groups:
            self._gathering.pop(recipient_id, None)
        self._changed(recipient_id, memory)

    def send(self, notices: Sequence[Notice]) -> None:
        """One message to one recipient: into the outbox, once for each channel."""
        lead, *others = notices
        recipient = self.situation.recipients.by_id(lead.recipient)
        channels = channels_of(recipient) if recipient is not None else {}
        if not channels:
            for notice in notices:
                self._record_notice(notice, "dropped", Why.NO_RECIPIENT)
            return
        for channel in channels:
            name = f"{lead.notice_id}|{channel}"
            clock = self.situation.clock
            outgoing = Outgoing(name, lead.recipient, channel, tuple(notices), decided_at=clock)
            self.situation.memory.outbox.put(name, outgoing)
            self._record(name, "decided", lead.why, lead.occasion, lead.recipient, channel=channel)
        for notice in others:
            self._record_notice(
                notice, "decided", Why.GROUPED, message=lead.notice_id, detail=notice.why.value
            )

    def _changed(self, recipient_id: str, memory: RecipientMemory) -> None:
        self.situation.memory.recipients.touch(recipient_id)
        self._set_timers(recipient_id, memory)

    def _set_timers(self, recipient_id: str, memory: RecipientMemory) -> None:
        held = min((held.until for held in memory.held), default=None)
        self.timers.set(Turn.HELD, recipient_id, held)
        if self.situation.rules.group_wait:  # else the end of the round sends
            until = min((group.until for group in memory.groups.values()), default=None)
            self.timers.set(Turn.GROUP, recipient_id, until)

    def _record_notice(
        self,
        notice: Notice,
        outcome: Outcome,
        why: Why,
        *,
        until: Millis | None = None,
        message: str | None = None,
        detail: str = "",
    ) -> None:
        self._record(
            notice.notice_id,
            outcome,
            why,
            notice.occasion,
            notice.recipient,
            until=until,
            message=message,
            detail=detail,
        )

    def _record(
        self,
        name: str,
        outcome: Outcome,
        why: Why,
        occasion: Occasion,
        recipient: str | None = None,
        *,
        channel: str | None = None,
        until: Millis | None = None,
        message: str | None = None,
        detail: str = "",
    ) -> None:
        self.effects.notifications.append(
            Notification(
                name,
                outcome,
                why,
                occasion.kind,
                occasion.subject,
                self.situation.clock,
                occasion.unit_id,
                recipient,
                channel,
                until,
                message=message,
                detail=detail,
            )
        )
