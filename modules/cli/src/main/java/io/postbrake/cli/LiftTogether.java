package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.config.DetectionConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which blocks are lifted together: a mistake of ours blocks many within minutes, by one detector.
 *
 * @param since decided then or later
 * @param detectorOrNull id of a detector that the block's incident names; null for any
 */
record LiftTogether(Instant since, String detectorOrNull) {
    private static final String PREFIX = "detectors.";
    private static final String DRY_RUN = ".dry-run";

    LiftTogether {
        if (detectorOrNull != null && !detectors().contains(detectorOrNull)) {
            throw new IllegalArgumentException("--detector is '" + Text.plain(detectorOrNull) + "': give one of "
                    + String.join(", ", detectors()));
        }
    }

    private static Set<String> detectors() {
        return DetectionConfig.keys().keySet().stream()
                .filter(key -> key.startsWith(PREFIX) && key.endsWith(DRY_RUN))
                .map(key -> key.substring(PREFIX.length(), key.length() - DRY_RUN.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Blocks in force to be lifted, the first decided first.
     *
     * @param alerts newest state of each incident, by its id
     * @param words newest word on each subject, by the subject's key: what was lifted already is not lifted again
     */
    List<Block> of(
            Map<String, Block> blocks, Map<String, Alert> alerts, Map<String, OperatorOverride> words, Instant now) {
        List<Block> found = new ArrayList<>();
        blocks.forEach((key, block) -> {
            Alert incident = alerts.get(block.getIncidentId().toString());
            boolean named = detectorOrNull == null
                    || (incident != null && incident.getDetectors().contains(detectorOrNull));
            OperatorOverride word = words.get(key);
            boolean lifted = word != null
                    && word.getVerb().equals("unblock")
                    && !word.getAt().isBefore(block.getLastEvidenceAt());
            if (named
                    && !lifted
                    && !block.getDecidedAt().isBefore(since)
                    && block.getEndsAt().isAfter(now)) {
                found.add(block);
            }
        });
        found.sort(Comparator.comparing(Block::getDecidedAt).thenComparing(Block::getSubject));
        return found;
    }

    /** What is about to be lifted, one line. */
    static String line(Block block) {
        return Text.plain(block.getDecidedAt() + "  " + block.getAction() + "  " + block.getSubject() + "  ["
                + block.getReference() + "] " + block.getReason());
    }
}
