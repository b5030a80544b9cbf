package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody is locked out by a stranger: anybody can fail to log in, in any name, from any shared network. No places are known. */
class LockOutTest {
    private static final Instant T = Instant.parse("2026-03-16T10:00:00Z");
    private static final String OFFICE = "192.0.2.201";
    private static final String HOTEL = "198.51.100.60";
    private static final String NEXT_ROOM = "198.51.100.61";

    private final World world = new World().quick();

    @ParameterizedTest
    @ValueSource(ints = {10, 25, 120})
    void failuresBehindAnOfficesAddressRefuseNobodyThere(int failures) {
        office(9, 8);

        for (int i = 0; i < failures; i++) {
            world.fails("phone" + i % 7, OFFICE, T.plusMillis(4000L * i));
        }
        mail("user3", OFFICE, T.plusSeconds(700));

        assertThat(world.findingsOf("guessing-by-address")).isNotEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void aWebmailServerWhereUsersMistypeIsNotRefused() {
        for (int day = 3; day >= 1; day--) {
            for (int user = 0; user < 6; user++) {
                mail("reader" + user, "192.0.2.90", T.minusSeconds(86_400L * day + 600L * user));
            }
        }

        for (int i = 0; i < 12; i++) {
            world.fails("reader" + i % 6, "192.0.2.90", T.plusSeconds(45L * i));
        }

        assertThat(world.puts).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 40})
    void anAddressIsRefusedForGuessesAgainWhenNobodyHasLoggedInThereForAMonth(int days) {
        office(9, 8);
        for (int day = 1; day <= days; day++) {
            world.fails("printer", OFFICE, T.plus(Duration.ofDays(day)));
        }

        for (int i = 0; i < 12; i++) {
            world.fails("name" + i, OFFICE, T.plus(Duration.ofDays(days)).plusSeconds(60 + 5L * i));
        }

        assertThat(world.blocks.containsKey(SubjectKeys.client(OFFICE))).isEqualTo(days > 30);
    }

    @Test
    void aGuesserWithOneStolenLoginIsRefusedAllTheSame() {
        mail("stolen", HOTEL, T.minusSeconds(60));

        for (int i = 0; i < 12; i++) {
            world.fails("name" + i, HOTEL, T.plusSeconds(5L * i));
        }

        assertThat(world.blocks).containsKey(SubjectKeys.client(HOTEL));
    }

    @Test
    void whoeverGetsInAtARefusedAddressDoesNotProlongTheRefusal() {
        for (int i = 0; i < 12; i++) {
            world.fails("name" + i, HOTEL, T.plusSeconds(5L * i));
        }
        Instant until = world.states.get(SubjectKeys.client(HOTEL)).getBlockUntil();

        for (int i = 1; i < 20; i++) {
            mail("guest" + i, HOTEL, T.plusSeconds(600L * i));
        }

        assertThat(world.states.get(SubjectKeys.client(HOTEL)).getBlockUntil()).isEqualTo(until);
    }

    @ParameterizedTest
    @ValueSource(strings = {"made-up names", "the victim's own name", "names of others"})
    void failuresBeforeALoginAtHomeStopNobody(String whose) {
        office(9, 8);

        fail(whose, OFFICE, 8);
        mail("user3", OFFICE, T.plusSeconds(120));

        assertThat(world.blockOf("user3")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"made-up names", "the victim's own name", "names of others"})
    void failuresBeforeALoginElsewhereCostAHoldAtMost(String whose) {
        office(9, 8);

        fail(whose, HOTEL, 6);
        for (int i = 0; i < 4; i++) {
            mail("user3", HOTEL, T.plusSeconds(120 + 300L * i));
        }

        assertThat(world.puts)
                .filteredOn(b -> b.getSubjectType().equals("sasl_user"))
                .extracting(Block::getAction)
                .isSubsetOf("hold");
    }

    @Test
    void failuresInTheVictimsNameFromTheNextRoomCostAHoldAtMost() {
        office(9, 8);

        fail("the victim's own name", NEXT_ROOM, 6);
        for (int i = 0; i < 6; i++) {
            mail("user3", HOTEL, T.plusSeconds(7200 + 300L * i));
        }

        assertThat(world.puts)
                .filteredOn(b -> b.getSubjectType().equals("sasl_user"))
                .extracting(Block::getAction)
                .isSubsetOf("hold");
    }

    @Test
    void aThiefWhoGuessedAndThenSendsAsThievesDoIsRefused() {
        office(9, 8);

        fail("the victim's own name", HOTEL, 6);
        for (int i = 0; i < 60; i++) {
            mail("user3", HOTEL, T.plusSeconds(120 + 5L * i));
        }

        assertThat(world.blockOf("user3").getAction()).isEqualTo("reject");
    }

    private void fail(String whose, String ip, int failures) {
        for (int i = 0; i < failures; i++) {
            String name = switch (whose) {
                case "made-up names" -> "nobody" + i;
                case "names of others" -> "user" + (4 + i % 4);
                default -> "user3";
            };
            world.fails(name, ip, T.plusSeconds(8L * i));
        }
    }

    /** People who send some letters a day from one address. */
    private void office(int people, int days) {
        for (int day = days; day >= 1; day--) {
            for (int letter = 0; letter < 3; letter++) {
                for (int user = 0; user < people; user++) {
                    mail(
                            "user" + user,
                            OFFICE,
                            T.minus(Duration.ofDays(day)).plusSeconds(6000L * letter + 300L * user));
                }
            }
        }
    }

    private int queue;

    private void mail(String login, String ip, Instant at) {
        String id = "M" + ++queue;
        MailEvent.Builder client =
                world.event("client", at).setQueueId(id).setClientIp(ip).setSaslUsername(login);
        world.receives(client);
        world.receives(world.event("queued", at.plusMillis(1)).setQueueId(id).setNrcpt(1L));
        world.receives(world.event("removed", at.plusMillis(2)).setQueueId(id));
    }
}
