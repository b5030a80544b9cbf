package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;

/** Findings of detectors: the event that led to one is its evidence, and its id is the same whenever that event is judged. */
final class FindingFactory {
    private FindingFactory() {}

    /** An opinion on the profile's subject by evidence that weighs {@code weight} nats. */
    static Finding weighed(
            FindingSource detector,
            Profile profile,
            Submission e,
            double weight,
            String title,
            double value,
            double limit) {
        double score = Risk.score(weight, profile.config().prior());
        return finding(detector, profile, e, score, title, value, limit);
    }

    /** An opinion on the profile's subject; {@code score} is the probability of abuse by this evidence alone. */
    static Finding finding(
            FindingSource detector,
            Profile profile,
            Submission e,
            double score,
            String title,
            double value,
            double limit) {
        return opinion(detector, e, score, title, value, limit, profile.subjectKey());
    }

    /** An opinion on the subject with this key. */
    static Finding.Builder about(
            String key, FindingSource detector, Submission e, double score, String title, double value, double limit) {
        return Finding.newBuilder(opinion(detector, e, score, title, value, limit, key));
    }

    private static Finding opinion(
            FindingSource detector, Submission e, double score, String title, double value, double limit, String key) {
        Finding finding = new Finding();
        finding.setFindingId(StableIds.of(
                "finding",
                detector.id(),
                key,
                e.getHostId(),
                e.getSourceId(),
                e.getGeneration(),
                e.getPosition(),
                e.getPhase()));
        finding.setSubject(SubjectKeys.bare(key));
        finding.setSubjectType(SubjectKeys.type(key));
        finding.setDetector(detector.id());
        finding.setScore(score);
        finding.setTitle(title);
        finding.setOccurredAt(e.getOccurredAt());
        finding.setHostId(e.getHostId());
        finding.setEvidence(List.of(SubmissionEvidence.of(e, title, value, limit)));
        return finding;
    }
}
