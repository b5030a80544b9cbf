package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningTest {
    private static final Instant START = Instant.parse("2026-03-02T08:00:00Z");
    private static final int DAYS = 10;
    private static final Instant UNTIL = START.plusSeconds(86_400L * DAYS);
    private static final List<String> PEOPLE = List.of("ann", "bob", "cid");

    private final World watched = new World();

    @Test
    void dayOneAfterLearningIsAsGoodAsDayEleven() {
        history(watched);
        World learnt = learntFrom(watched);
        int before = watched.findings.size();

        dayOne(watched);
        dayOne(learnt);

        assertThat(opinions(learnt.findings))
                .isEqualTo(opinions(watched.findings.subList(before, watched.findings.size())));
        assertThat(learnt.blockOf("ann").getDecidedAt())
                .isEqualTo(watched.blockOf("ann").getDecidedAt());
        assertThat(learnt.blockOf("ann").getAction())
                .isEqualTo(watched.blockOf("ann").getAction());
        assertThat(learnt.findingsOf("new-country")).isNotEmpty().noneMatch(Finding::getObserveOnly);
        assertThat(learnt.alerts).extracting(Alert::getSubject).containsOnly("ann");
    }

    @Test
    void withoutLearningANewCountryIsOnlyObserved() {
        World cold = new World();

        dayOne(cold);

        assertThat(cold.findingsOf("new-country")).allMatch(Finding::getObserveOnly);
    }

    @Test
    void whatTheLogsHeldIsNeitherCountedNorToldWhenTheShipperReadsItToo() {
        history(watched);
        World learnt = learntFrom(watched);
        String before = learnt.stateOf("ann").getRates().toString();

        history(learnt);

        assertThat(learnt.stateOf("ann").getMessages())
                .isEqualTo(watched.stateOf("ann").getMessages());
        assertThat(learnt.stateOf("ann").getRates().toString()).isEqualTo(before);
        assertThat(learnt.alerts).isEmpty();
        assertThat(learnt.findings).extracting(Finding::getDetector).containsOnly("logged-in-there");
    }

    @Test
    void aThiefInTheOldLogsIsNotTaughtAndNotTold() {
        history(watched);
        for (int i = 0; i < 60; i++) {
            watched.sends("ann", World.BRAZIL, UNTIL.minusSeconds(40_000).plusSeconds(5L * i));
        }
        assertThat(watched.blockOf("ann")).isNotNull();

        World learnt = learntFrom(watched);

        SubjectState state = learnt.stateOf("ann");
        assertThat(state.getUsual()).extracting("code").containsExactly("DE");
        assertThat(state.getBlock()).isNull();
        assertThat(state.getFindings()).isEmpty();
        assertThat(learnt.alerts).isEmpty();
    }

    @Test
    void learningAgainChangesNothingAndALongerHistoryOfItsOwnStays() {
        history(watched);
        World learnt = learntFrom(watched);
        dayOne(learnt);
        String before = learnt.states.toString();

        teach(learnt, watched);

        assertThat(learnt.states.toString()).isEqualTo(before);
    }

    @Test
    void aBlockThatStandsStaysWhenItsAccountsHistoryIsLearnt() {
        history(watched);
        World cold = new World();
        for (int i = 0; i < 60; i++) {
            cold.sends("ann", World.BRAZIL, UNTIL.plusSeconds(600 + 5L * i));
        }
        assertThat(cold.blockOf("ann")).isNotNull();

        teach(cold, watched);

        assertThat(cold.blockOf("ann")).isNotNull();
        assertThat(cold.stateOf("ann").getBlock()).isNotNull();
        assertThat(cold.stateOf("ann").getMessages())
                .isEqualTo(watched.stateOf("ann").getMessages());
    }

    private static List<String> opinions(List<Finding> findings) {
        return findings.stream()
                .map(f -> f.getSubject() + " " + f.getDetector() + " " + f.getScore() + " " + f.getObserveOnly() + " "
                        + f.getTitle() + " " + f.getOccurredAt())
                .toList();
    }

    private static World learntFrom(World watched) {
        World learnt = new World();
        teach(learnt, watched);
        return learnt;
    }

    private static void teach(World pupil, World watched) {
        watched.states.values().forEach(state -> {
            SubjectState profile = ProfileSeeding.profile(state, UNTIL);
            if (profile != null) {
                pupil.tell(profile.getSubjectKey(), new Input.Seed(profile));
            }
        });
    }

    private static void history(World world) {
        for (int day = 0; day < DAYS; day++) {
            for (int i = 0; i < 24; i++) {
                world.sends(PEOPLE.get(i % 3), World.HOME, START.plusSeconds(86_400L * day + 900L * i));
            }
        }
    }

    private static void dayOne(World world) {
        for (int i = 0; i < 24; i++) {
            world.sends(PEOPLE.get(i % 3), World.HOME, UNTIL.plusSeconds(900L * (i + 1)));
        }
        for (int i = 0; i < 60; i++) {
            world.sends("ann", World.BRAZIL, UNTIL.plusSeconds(40_000 + 5L * i));
        }
    }
}
