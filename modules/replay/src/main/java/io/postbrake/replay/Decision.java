package io.postbrake.replay;

import io.postbrake.finding.Evidence;
import java.time.Instant;
import java.util.List;

/**
 * One thing that was decided about a subject.
 *
 * @param time decision time; never before the one of the decision before
 * @param type alert (an incident opened or became worse) or block (put, escalated or extended)
 * @param subjectType sasl_user, client_ip or client_net
 * @param subject login in lower case, address or network
 * @param detector id of the detector that weighed most
 * @param severity info, warning or critical
 * @param action observe, hold, defer or reject
 * @param expires end of the block in force; null when there is none
 * @param score combined risk in 0..1
 * @param text what happened, for a person; holds log text, which is attacker input
 * @param evidence what it rests on, newest last
 */
public record Decision(
        Instant time,
        String type,
        String subjectType,
        String subject,
        String detector,
        String severity,
        String action,
        Instant expires,
        double score,
        String text,
        List<Evidence> evidence) {}
