package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logins that this host's Postfix takes for one have one entry, under the key that it looks up. */
class FoldedLoginsTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Set<LoginFolding> UTF8 = EnumSet.of(LoginFolding.UTF8);

    @TempDir
    private Path dir;

    private PolicyMap map;
    private Enforcement enforcement;

    @AfterEach
    void stop() throws IOException {
        enforcement.close();
        map.close();
    }

    @ParameterizedTest
    @CsvSource({
        "straße@example.com, strasse@example.com",
        "GROẞ@example.com, gross@example.com",
        "οδός@example.com, οδόσ@example.com",
        "ﬁn@example.com, fin@example.com",
        "Élodie@Example.com, élodie@example.com",
        "\u212Aelvin@example.com, kelvin@example.com",
        "\u0130x@example.com, i\u0307x@example.com",
        "plain@example.com, plain@example.com"
    })
    void theKeyIsFoldedAsPostfixDoes(String login, String key) throws IOException {
        starts(UTF8);

        blocked(login, "reject", NOON);

        assertThat(Tables.all(map)).containsOnlyKeys(key);
    }

    @ParameterizedTest
    @CsvSource({"Straße@example.com, stra??e@example.com", "οδός@example.com, ????????@example.com"})
    void withoutSmtputf8EachByteIsAQuestionMark(String login, String key) throws IOException {
        starts(EnumSet.of(LoginFolding.ASCII));

        blocked(login, "reject", NOON);

        assertThat(Tables.all(map)).containsOnlyKeys(key);
    }

    @Test
    void servicesOfBothKindsFindIt() throws IOException {
        starts(EnumSet.allOf(LoginFolding.class));

        blocked("straße@example.com", "reject", NOON);
        blocked("plain@example.com", "reject", NOON);

        assertThat(Tables.all(map)).containsOnlyKeys("strasse@example.com", "stra??e@example.com", "plain@example.com");
    }

    @Test
    void theStricterOfTwoCountsAndTheOtherRemains() throws IOException {
        starts(UTF8);
        blocked("straße@example.com", "hold", NOON);
        blocked("strasse@example.com", "reject", NOON);
        assertThat(map.get("strasse@example.com")).startsWith("REJECT");

        lifted("strasse@example.com");

        assertThat(map.get("strasse@example.com")).startsWith("HOLD");
    }

    @Test
    void theTombstoneOfAnOldNameLeavesTheNewOnesBlock() throws IOException {
        starts(UTF8);
        blocked("straße@example.com", "reject", NOON);
        blocked("strasse@example.com", "reject", NOON);

        lifted("straße@example.com");
        assertThat(map.get("strasse@example.com")).startsWith("REJECT");

        lifted("strasse@example.com");
        assertThat(Tables.all(map)).isEmpty();
    }

    @Test
    void unblockOfOneLiftsAllThatIsOlder() throws IOException {
        starts(UTF8);
        blocked("straße@example.com", "reject", NOON);
        said("STRASSE@example.com", "block", "hold", NOON);

        said("Straße@example.com", "unblock", null, NOON.plusSeconds(1));
        assertThat(Tables.all(map)).isEmpty();

        said("strasse@example.com", "block", "hold", NOON.plusSeconds(2));
        assertThat(map.get("strasse@example.com")).startsWith("HOLD");
    }

    @Test
    void itIsTheSameWhenTheTopicsAreReadAnewAndWhenTheMapWasLost() throws IOException {
        starts(UTF8);
        for (int time = 0; time < 2; time++) {
            enforcement.replay();
            enforcement.block("sasl_user:straße@example.com", block("hold", NOON));
            enforcement.block("sasl_user:strasse@example.com", block("reject", NOON));
            enforcement.caughtUp();
            assertThat(Tables.all(map)).containsOnlyKeys("strasse@example.com");
            assertThat(map.get("strasse@example.com")).startsWith("REJECT");
            java.nio.file.Files.delete(map.path());
            enforcement.tick();
            assertThat(Tables.all(map)).containsOnlyKeys("strasse@example.com");
            assertThat(map.get("strasse@example.com")).startsWith("REJECT");
        }
    }

    @Test
    void aKeyOfTooManyLoginsTakesNoMoreAndTheRestGoesOn() throws IOException {
        starts(EnumSet.of(LoginFolding.ASCII));
        for (int i = 0; i < 70; i++) {
            blocked("us\u00e9r" + Character.toString(0x100 + 2 * i + 1), "reject", NOON);
        }

        blocked("bob@example.com", "reject", NOON);

        assertThat(Tables.all(map)).containsOnlyKeys("us??r??", "bob@example.com");
        assertThat(enforcement.refused()).isPositive();
    }

    @Test
    void whoMustStayReachableStaysSoInEverySpelling() throws IOException {
        starts(EnumSet.allOf(LoginFolding.class));

        blocked("STRASSE@never.example", "reject", NOON);
        blocked("straße@never.example", "reject", NOON);

        assertThat(Tables.all(map)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"straße@example.com", "οδός@example.com", "\u212Aelvin@example.com", "plain@example.com"})
    void aBlockIsToldByTheNameThatRecordsHave(String login) throws IOException {
        starts(EnumSet.of(LoginFolding.ASCII));
        List<String> told = told();

        said(login, "block", "reject", NOON);

        assertThat(told)
                .filteredOn(each -> !each.startsWith("gone")) // Which nobody was told of, where it is the key alone.
                .containsExactly("in force " + login, "follows " + login);
    }

    @Test
    void eachOfTwoLoginsOfOneKeyIsToldOf() throws IOException {
        starts(EnumSet.of(LoginFolding.ASCII));
        said("usér@example.com", "block", "reject", NOON);
        List<String> told = told();

        said("usör@example.com", "block", "hold", NOON.plusSeconds(1));

        assertThat(told)
                .filteredOn(each -> !each.startsWith("gone"))
                .containsExactlyInAnyOrder(
                        "stands usér@example.com",
                        "follows usér@example.com",
                        "behind usör@example.com",
                        "follows usör@example.com");
    }

    @Test
    void aLiftIsToldByTheNameThatRecordsHave() throws IOException {
        starts(EnumSet.allOf(LoginFolding.class));
        blocked("οδόσ@example.com", "reject", NOON);
        List<String> told = told();

        lifted("οδόσ@example.com");

        assertThat(told).contains("gone οδόσ@example.com").allMatch(each -> each.startsWith("gone"));
    }

    @Test
    void blocksThatWereReadAgainAreToldByTheNameThatRecordsHave() throws IOException {
        starts(EnumSet.of(LoginFolding.ASCII));
        List<String> told = told();

        enforcement.replay();
        enforcement.block("sasl_user:οδόσ@example.com", block("hold", NOON));
        enforcement.caughtUp();

        assertThat(told).containsExactly("in force οδόσ@example.com");
    }

    private List<String> told() {
        List<String> told = new ArrayList<>();
        enforcement.onChanged(new Enforcement.Told() {
            @Override
            public void inForce(String recordKey, Wanted block, boolean restored) {
                add("in force", recordKey);
            }

            @Override
            public void stands(String recordKey, Wanted block) {
                add("stands", recordKey);
            }

            @Override
            public void behind(String recordKey, Wanted block) {
                add("behind", recordKey);
            }

            @Override
            public void gone(String recordKey) {
                add("gone", recordKey);
            }

            @Override
            public void followed(String recordKey, Wanted word, String keptOutOrNull) {
                add("follows", recordKey);
            }

            private void add(String what, String recordKey) {
                told.add(what + " " + recordKey.substring("sasl_user:".length()));
            }
        });
        return told;
    }

    private void starts(Set<LoginFolding> foldings) throws IOException {
        map = PolicyMap.open(dir.resolve("blocks.lmdb"), 1 << 20);
        map.rebuild(to -> {});
        enforcement = new Enforcement(
                map,
                Tables.said(map),
                new Accounts(NeverBlock.of(List.of("straße@never.example")), foldings),
                EnforcementTest.replies(),
                Clock.fixed(NOON.plusSeconds(10), ZoneOffset.UTC));
        enforcement.caughtUp();
    }

    private void blocked(String login, String action, Instant at) throws IOException {
        enforcement.block("sasl_user:" + login, block(action, at));
        enforcement.write();
    }

    private void lifted(String login) throws IOException {
        enforcement.block("sasl_user:" + login, null);
        enforcement.write();
    }

    private void said(String login, String verb, String action, Instant at) throws IOException {
        enforcement.word("sasl_user:" + login, new Wanted(verb, action, null, null, at, null, null, null));
        enforcement.write();
    }

    private static Wanted block(String action, Instant at) {
        return new Wanted("block", action, null, "k7f2", at, at, at.plusSeconds(3600), null);
    }
}
