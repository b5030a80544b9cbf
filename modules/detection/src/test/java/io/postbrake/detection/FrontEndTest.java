package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many accounts log in from one address: whoever has a password comes from there. */
class FrontEndTest {
    private static final Instant NIGHT = Instant.parse("2026-03-21T03:00:00Z");
    private static final Instant MORNING = Instant.parse("2026-03-21T10:00:00Z");
    private static final String WEBMAIL = "172.22.1.248";
    private static final String GATEWAY = "172.18.0.1";
    private static final String OFFICE = "198.51.100.201";

    private World world = new World().quick();

    @ParameterizedTest
    @ValueSource(strings = {WEBMAIL, "127.0.0.1", "::1", GATEWAY, "fd00:dead:beef::7"})
    void aThiefInTheWebmailIsHeldBeforeHisHundredthMessage(String frontEnd) {
        days(6, 8, frontEnd);

        burst("user3", frontEnd, NIGHT, 99);

        assertThat(world.blockOf("user3")).isNotNull();
        assertThat(world.puts.get(0).getReason()).endsWith("from " + frontEnd + ", where many accounts log in");
        assertThat(world.alerts).extracting(Alert::getSubject).containsOnly("user3");
    }

    @Test
    void byDayHeIsHeldToo() {
        days(6, 8, WEBMAIL);

        burst("user3", WEBMAIL, MORNING, 99);

        assertThat(world.puts).extracting(Block::getSubject).containsOnly("user3");
        assertThat(world.puts.get(0).getAction()).isEqualTo("hold");
    }

    @Test
    void whatStoresKeepOfItIsEnough() {
        world = new World();
        days(5, 8, WEBMAIL);

        burst("user3", WEBMAIL, NIGHT, 99);

        assertThat(world.blockOf("user3")).isNotNull();
    }

    @Test
    void thatItGoesOnUnderTheHoldIsNoCircular() {
        days(6, 8, WEBMAIL);

        burst("user3", WEBMAIL, NIGHT, 200);

        assertThat(world.blockOf("user3").getAction()).isEqualTo("reject");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 99, 240})
    void anOwnersCircularFromBehindAnOfficesAddressIsNotHeld(int messages) {
        days(6, 8, OFFICE);

        burst("user3", OFFICE, MORNING, messages);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void aThiefInAWebmailOfManyDomainsWithAPublicAddressIsHeld() {
        domains(6, 8, 8);

        burst("user3@d3.example", OFFICE, NIGHT, 99);

        assertThat(world.blockOf("user3@d3.example")).isNotNull();
        assertThat(world.puts.get(0).getReason()).endsWith("from " + OFFICE + ", where many accounts log in");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void anOfficeOfACompanyWithSomeDomainsIsAnOffice(int domains) {
        domains(6, 8, domains);

        burst("user3@d" + 3 % domains + ".example", OFFICE, MORNING, 99);

        assertThat(world.puts).isEmpty();
    }

    /** Their accounts of many domains come by an address once, and do not come back to it. */
    @Test
    void aCarriersAddressIsNoFrontEnd() {
        domains(6, 1, 1);
        for (int user = 10; user < 40; user++) {
            sends("user" + user + "@d" + user + ".example", OFFICE, MORNING.minus(Duration.ofDays(3)), user);
        }

        burst("user0@d0.example", OFFICE, MORNING, 99);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void norIsOneFromADeskOfTheLocalNetwork() {
        for (int day = 6; day > 0; day--) {
            for (int user = 0; user < 8; user++) {
                sends("user" + user, "192.168.7." + (10 + user), MORNING.minus(Duration.ofDays(day)), user);
            }
        }

        burst("user3", "192.168.7.13", MORNING, 99);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void norOneOfAnApplicationThatIsAloneOnItsHost() {
        days(6, 1, "127.0.0.1");

        burst("user0", "127.0.0.1", MORNING, 99);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void norOneOfAHouseholdWithAServerOfItsOwn() {
        days(6, 4, GATEWAY);

        burst("user3", GATEWAY, MORNING, 99);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void aHandfulOfLettersFromTheWebmailIsNothing() {
        days(6, 8, WEBMAIL);

        burst("user3", WEBMAIL, MORNING, 8);

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void norAreLettersToTheMembersOfAClub() {
        days(6, 8, WEBMAIL);

        burst("user3", WEBMAIL, MORNING, 59);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void privateNetworksOfTwoHostsAreTwo() {
        days(6, 4, GATEWAY);
        for (int day = 6; day > 0; day--) {
            for (int user = 20; user < 24; user++) {
                world.receives(world.event(
                                "client", MORNING.minus(Duration.ofDays(day)).plusSeconds(user))
                        .setHostId("mx2")
                        .setQueueId("other" + day + user)
                        .setClientIp(GATEWAY)
                        .setSaslUsername("user" + user));
            }
        }

        burst("user3", GATEWAY, MORNING, 99);

        assertThat(world.puts).isEmpty();
    }

    @Test
    void aFrontEndIsToldOfAnAccountOnceADayAndForgottenAfterAMonth() {
        for (int i = 0; i < 96; i++) {
            world.ticksUpTo(NIGHT.plusSeconds(1800L * i));
            world.sends("user3", WEBMAIL, NIGHT.plusSeconds(1800L * i));
        }
        assertThat(world.findingsOf("logged-in-there")).hasSize(2);
        assertThat(world.states).containsKey("front_end:172.22.1.248 on mx1");

        world.ticksUpTo(NIGHT.plus(Duration.ofDays(33)));

        assertThat(world.states).doesNotContainKey("front_end:172.22.1.248 on mx1");
    }

    /** So many accounts send a letter on each of so many days. */
    private void days(int days, int users, String ip) {
        for (int day = days; day > 0; day--) {
            for (int user = 0; user < users; user++) {
                sends("user" + user, ip, MORNING.minus(Duration.ofDays(day)), user);
            }
        }
    }

    /** The same from a public address, with logins of so many domains. */
    private void domains(int days, int users, int domains) {
        for (int day = days; day > 0; day--) {
            for (int user = 0; user < users; user++) {
                String login = "user" + user + "@d" + user % domains + ".example";
                sends(login, OFFICE, MORNING.minus(Duration.ofDays(day)), user);
            }
        }
    }

    private void sends(String login, String ip, Instant day, int user) {
        Instant at = day.plusSeconds(1440L * user);
        world.ticksUpTo(at);
        world.sends(login, ip, at);
    }

    private void burst(String login, String ip, Instant from, int messages) {
        for (int i = 0; i < messages; i++) {
            Instant at = from.plusSeconds(4L * i);
            world.ticksUpTo(at);
            world.sends(login, ip, at);
        }
    }
}
