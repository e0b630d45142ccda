"""An open incident of a unit stands for those of the units below it, where the policy says so."""

from __future__ import annotations

from alerts.notifying.situation import Situation
from alerts.notifying.stages.verdict import Candidate, Drop, Verdict
from schemas.notification import Why


def decide(candidate: Candidate, situation: Situation) -> Verdict:
    """The detail is the id of the incident above.

    One from history speaks to nobody, so it mutes nobody.
    """
    unit_id, memory = candidate.occasion.unit_id, situation.memory
    if unit_id is None or not situation.rules.inhibit_children:
        return None
    for above in situation.recipients.ancestors(unit_id):
        for incident_id in sorted(memory.open_of.get(above, ())):
            incident = memory.incidents.get(incident_id)
            if incident is not None and not incident.history:
                return Drop(Why.INHIBITED_BY_PARENT, incident_id)
    return None
