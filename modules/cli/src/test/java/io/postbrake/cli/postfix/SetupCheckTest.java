package io.postbrake.cli.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SetupCheckTest {

    private static final Path MAP = Path.of("/var/lib/postbrake/blocked.lmdb");
    private static final String CHECK = "check_sasl_access lmdb:/var/lib/postbrake/blocked";
    private static final String RIGHT = """
            mail_version = 3.7.11
            mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
            smtpd_sasl_auth_enable = yes
            smtpd_recipient_restrictions = %1$s, permit_sasl_authenticated, reject
            smtpd_end_of_data_restrictions = %1$s
            smtpd_client_restrictions = check_client_access lmdb:/var/lib/postbrake/blocked-clients,
                check_client_access cidr:/var/lib/postbrake/blocked-ranges.cidr
            submissions inet n      -       n       -       -       smtpd
            submission inet  n       -       n       -       -       smtpd
                -o syslog_name=postfix/submission
            """.formatted(CHECK);

    @TempDir
    private Path dir;

    @Test
    void programsReadTheSame() throws IOException {
        Path saved = Files.writeString(dir.resolve("saved"), RIGHT.replaceFirst("(?m)^smtpd_end.*\\n", ""));
        var out = new StringWriter();

        int exit = new CommandLine(new PostfixCommand())
                .setOut(new PrintWriter(out, true))
                .execute("check", "--saved", saved.toString(), "--map", MAP.toString(), "--json");

        JsonNode said = new ObjectMapper().readTree(out.toString());
        assertThat(exit).isEqualTo(1);
        assertThat(said.path("enforced").asBoolean()).isFalse();
        assertThat(said.path("flaws")).hasSize(1);
        assertThat(said.path("instances").get(0).path("logins")).hasSize(2);
        assertThat(said.path("flaws").get(0).path("grade").asText()).isEqualTo("missing");
        assertThat(said.path("flaws").get(0).path("right").asText()).contains("smtpd_end_of_data_restrictions");
    }

    @Test
    void aTableOfLocalUsersIsAskedBeforeAnybodyIsLetThroughAndSomebodyIs() throws IOException {
        String ask = "authorized_submit_users = !texthash:/var/lib/postbrake/blocked-users";

        assertThat(flaws(RIGHT + ask + ", root, static:anyone\n")).isEmpty();
        assertThat(flaws(RIGHT + ask + "\n"))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("nobody may send by sendmail(1), not even root"));
        assertThat(flaws(RIGHT + ask.replace("!", "") + ", static:anyone\n"))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("only those whom the table has"));
        assertThat(flaws(RIGHT + ask.replace("= ", "= static:anyone, ") + "\n"))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.grade()).isEqualTo(Flaw.Grade.MISSING);
                    assertThat(f.what()).contains("before it asks the table");
                });
    }

    @Test
    void thePolicyServerIsToBeAskedSoThatCeilingsHoldAndMailGoesOnWithoutIt() throws IOException {
        assertThat(flaws(asking("{ unix:postbrake/policy, timeout=2s, try_limit=2, default_action=DUNNO }")))
                .isEmpty();
        assertThat(flaws(asking("unix:postbrake/policy")))
                .extracting(Flaw::then)
                .containsExactlyInAnyOrder("default_action=DUNNO", "timeout=2s");
        assertThat(flaws(asking("{ unix:postbrake/policy, timeout=2s, try_limit=1, default_action=DUNNO }")))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).startsWith("try_limit=1: after each restart"));
        assertThat(flaws(RIGHT.replace(
                        "authenticated, reject",
                        "authenticated, check_policy_service { unix:postbrake/policy, timeout=2s,"
                                + " default_action=DUNNO }, reject")))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("behind permit_sasl_authenticated"));
        assertThat(flaws(asking("unix:private/postgrey"))).isEmpty();
    }

    @Test
    void thePolicyServerThatIsWantedIsMissedWhereNobodyAsksIt() throws IOException {
        PostfixSettings settings = PostfixSettings.saved(Files.writeString(dir.resolve("saved"), RIGHT));

        assertThat(SetupCheck.of(settings, new Tables(MAP), new QuotaService("inet:127.0.0.1:10040"))
                        .flaws())
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("the policy server is not asked"));
    }

    private static String asking(String service) {
        return RIGHT.replace(
                ", permit_sasl_authenticated", ", check_policy_service " + service + ", permit_sasl_authenticated");
    }

    @Test
    void clientsThatRelayAreAskedForBeforeTheyAreLetThrough() throws IOException {
        String relay = "check_client_access lmdb:/var/lib/postbrake/blocked-relay";
        String service = "smtp inet n - y - - smtpd -o smtpd_sasl_auth_enable=no"
                + " -o { smtpd_end_of_data_restrictions = " + relay + " } -o smtpd_client_restrictions="
                + " -o { smtpd_recipient_restrictions = " + relay + ", permit_mynetworks, reject }\n";
        var classes = new StringBuilder("smtpd_restriction_classes =");
        for (int i = 1; i <= RelayClients.CLASSES; i++) {
            classes.append(" postbrake_relay_").append(i);
        }
        for (int i = 1; i <= RelayClients.CLASSES; i++) {
            classes.append("\npostbrake_relay_")
                    .append(i)
                    .append(" = check_sender_access lmdb:/var/lib/postbrake/blocked-relay-")
                    .append(i);
        }
        String right = RIGHT + service + classes + "\n";

        assertThat(flaws(right)).isEmpty();
        assertThat(flaws(right.replace(relay + ", permit_mynetworks", "permit_mynetworks, " + relay)))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("stands behind permit_mynetworks"));
        assertThat(flaws(right.replace(" postbrake_relay_8\n", "\n")))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("lacks postbrake_relay_8"));
        assertThat(flaws(right.replace("blocked-relay-7", "blocked-relay-6")))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("postbrake_relay_7 does not ask its own table"));
        assertThat(flaws(right.replace(" -o { smtpd_end_of_data_restrictions = " + relay + " }", "")))
                .anySatisfy(f -> assertThat(f.what()).contains("their blocked senders are not asked for"));
        assertThat(flaws(right.replace("smtp inet", "127.0.0.1:10025 inet")))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.grade()).isEqualTo(Flaw.Grade.DANGEROUS);
                    assertThat(f.what()).contains("content filters hand mail back here");
                });
    }

    @Test
    void whatIsRightIsRight() throws IOException {
        assertThat(flaws(RIGHT)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permit_sasl_authenticated, %s, reject",
                "permit_mynetworks %s permit_sasl_authenticated reject",
                "mine, %s, reject"
            })
    void aCheckBehindAPermissionIsNone(String list) throws IOException {
        String text = RIGHT.replace(CHECK + ", permit_sasl_authenticated, reject", list.formatted(CHECK))
                + "smtpd_restriction_classes = mine\nmine = permit_mynetworks, permit_sasl_authenticated\n";

        assertThat(flaws(text))
                .filteredOn(f -> f.grade() == Flaw.Grade.MISSING)
                .singleElement() // One for both services.
                .satisfies(f -> {
                    assertThat(f.where()).isEqualTo("submissions/inet; submission/inet");
                    assertThat(f.what()).contains("stands behind permit_");
                });
    }

    @Test
    void theCheckInAnotherListBeforeItsPermissionIsEnough() throws IOException {
        String text = RIGHT.replace(CHECK + ", permit_sasl_authenticated, reject", "permit_sasl_authenticated, reject")
                + "smtpd_relay_restrictions = " + CHECK + " permit_sasl_authenticated reject_unauth_destination\n";

        assertThat(flaws(text)).isEmpty();
    }

    @Test
    void aTableThatMayAnswerOkBeforeTheCheckIsDangerous() throws IOException {
        String text = RIGHT.replace(
                "smtpd_recipient_restrictions = ",
                "smtpd_recipient_restrictions = check_client_access inline:{198.51.100.7=OK, 198.51.100.8=OK}, ");

        assertThat(flaws(text)).singleElement().satisfies(f -> {
            assertThat(f.grade()).isEqualTo(Flaw.Grade.DANGEROUS);
            assertThat(f.what()).contains("check_client_access inline:{198.51.100.7=OK, 198.51.100.8=OK}");
        });
    }

    @Test
    void aPolicyServiceBeforeTheCheckIsWorthANote() throws IOException {
        String text = RIGHT.replace(
                "smtpd_recipient_restrictions = ",
                "smtpd_recipient_restrictions = check_policy_service { unix:private/policy, timeout = 2s }, ");

        assertThat(flaws(text)).singleElement().satisfies(f -> {
            assertThat(f.grade()).isEqualTo(Flaw.Grade.NOTE);
            assertThat(f.what()).contains("check_policy_service { unix:private/policy, timeout = 2s }");
        });
    }

    @Test
    void aServiceWithListsOfItsOwnIsNamed() throws IOException {
        assertThat(flaws(RIGHT + "    -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n"))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.grade()).isEqualTo(Flaw.Grade.MISSING);
                    assertThat(f.where()).isEqualTo("submission/inet, -o smtpd_recipient_restrictions");
                    assertThat(f.what()).contains("replaces the list of main.cf");
                });
    }

    @Test
    void anOverrideThatPostconfWritesInOneLineCountsToo() throws IOException {
        assertThat(flaws(RIGHT + "submission/inet/smtpd_end_of_data_restrictions =\n"))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.where()).isEqualTo("submission/inet, -o smtpd_end_of_data_restrictions");
                    assertThat(f.what()).contains("under way");
                });
    }

    @Test
    void withoutDelayedRejectsAnEarlyCheckNeverFires() throws IOException {
        String text = RIGHT.replace(CHECK + ", permit_sasl_authenticated, reject", "permit_sasl_authenticated, reject")
                        .replace("smtpd_client_restrictions = ", "smtpd_client_restrictions = " + CHECK + ", ")
                + "smtpd_delay_reject = no\n";

        assertThat(flaws(text))
                .anySatisfy(f -> assertThat(f.what()).contains("it never fires"))
                .anySatisfy(f -> assertThat(f.what()).startsWith("smtpd_delay_reject = no"));
    }

    @Test
    void anIndexedFileOfAnotherTypeIsNoMapForOpenSessions() throws IOException {
        assertThat(flaws(RIGHT.replace("check_sasl_access lmdb:", "check_sasl_access hash:")))
                .anySatisfy(f -> assertThat(f.what()).contains("a session that is open already never sees"));
    }

    @Test
    void aCheckThatOnlyWarnsIsNone() throws IOException {
        assertThat(flaws(RIGHT.replace(
                        "smtpd_recipient_restrictions = ", "smtpd_recipient_restrictions = warn_if_reject ")))
                .isNotEmpty()
                .allSatisfy(f -> assertThat(f.what()).startsWith("warn_if_reject"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0", "198.51.0.0/16", "[2001:db8::]/32"})
    void wideNetworksAreDangerous(String network) throws IOException {
        assertThat(flaws(RIGHT.replace("127.0.0.0/8", "127.0.0.0/8 " + network)))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.grade()).isEqualTo(Flaw.Grade.DANGEROUS);
                    assertThat(f.what()).contains("mynetworks has " + network);
                });
    }

    @Test
    void aPostfixThatHasNeitherTheCheckNorTheTableTypeIsTold() throws IOException {
        assertThat(flaws(RIGHT.replace("3.7.11", "2.10.1")))
                .anySatisfy(f -> assertThat(f.what()).contains("since Postfix 2.11"));

        var settings = PostfixSettings.saved(Files.writeString(dir.resolve("saved"), RIGHT));
        var without = new PostfixSettings(
                "x", settings.main(), Map.of(), settings.services(), List.of("hash", "cidr"), false);
        assertThat(SetupCheck.of(without, new Tables(MAP)).flaws())
                .singleElement()
                .satisfies(f -> assertThat(f.then()).contains("postfix-lmdb"));
    }

    @Test
    void whereNobodyLogsInNoAccountCanBeRefusedAndNothingElseIsSaid() throws IOException {
        Path saved = Files.writeString(dir.resolve("saved"), "mynetworks = 127.0.0.0/8\nsmtp inet n - y - - smtpd\n");
        var out = new StringWriter();

        int exit = new CommandLine(new PostfixCommand())
                .setOut(new PrintWriter(out, true))
                .execute("check", "--saved", saved.toString());

        assertThat(exit).isEqualTo(1);
        assertThat(out.toString()).contains("no account can be refused here").doesNotContain("enforced");
    }

    @Test
    void aServiceThatIsToldTheLoginByAFrontEndNeedsSasl() throws IOException {
        String text = RIGHT.replace("smtpd_sasl_auth_enable = yes\n", "")
                + "    -o smtpd_authorized_xclient_hosts=127.0.0.1\nsmtp inet n - n - - smtpd\n";

        assertThat(flaws(text))
                .filteredOn(f -> f.grade() == Flaw.Grade.MISSING)
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.where()).isEqualTo("submission/inet");
                    assertThat(f.then()).startsWith("smtpd_sasl_auth_enable = yes");
                });
        assertThat(flaws(text)).anySatisfy(f -> {
            assertThat(f.where()).isEqualTo("submissions/inet; smtp/inet");
            assertThat(f.what()).contains("no SASL support");
        });
        assertThat(flaws(text + "    -o smtpd_sasl_auth_enable=no\n")).isEqualTo(flaws(text));
    }

    @Test
    void aCheckOfAddressesWhereOtherServersComeInIsTold() throws IOException {
        assertThat(flaws(RIGHT + "smtp inet n - y - - smtpd\n"))
                .allSatisfy(f -> assertThat(f.where()).isEqualTo("smtp/inet"))
                .extracting(Flaw::what)
                .containsExactly(
                        "other servers' mail comes in here, and blocked addresses lose theirs",
                        "other servers' mail comes in here, and blocked ranges lose theirs");
    }

    @Test
    void clientsBehindAProgramOfThisMachineAreTold() throws IOException {
        String own = "127.0.0.1:10587 inet n - n - - smtpd\n";

        assertThat(flaws(RIGHT + own)).singleElement().satisfies(f -> {
            assertThat(f.where()).isEqualTo("127.0.0.1:10587/inet");
            assertThat(f.what()).contains("neither place nor guessing");
        });
        assertThat(flaws(RIGHT + own + " -o smtpd_upstream_proxy_protocol=haproxy\n"))
                .isEmpty();
    }

    @Test
    void mailOfProgramsWithoutALoginIsTold() throws IOException {
        String pickup = "pickup unix n - y 60 1 pickup\n";

        assertThat(flaws(RIGHT + pickup))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("without a login"));
        assertThat(flaws(RIGHT + "authorized_submit_users = root\n" + pickup)).isEmpty();
    }

    @Test
    void theServicesOwnValueOfANameCounts() throws IOException {
        String text =
                RIGHT.replace("= " + CHECK + ", permit_sasl_authenticated", "= $ask_first, permit_sasl_authenticated")
                        + "ask_first = " + CHECK + "\n";

        assertThat(flaws(text)).isEmpty();
        assertThat(flaws(text + "submission/inet/ask_first =\n"))
                .singleElement()
                .satisfies(f -> assertThat(f.where()).isEqualTo("submission/inet"));
    }

    @Test
    void aTableWithoutACheckIsAskedAsItsListIs() throws IOException {
        assertThat(flaws(RIGHT.replace(
                        "check_client_access lmdb:/var/lib/postbrake/blocked-clients",
                        "lmdb:/var/lib/postbrake/blocked-clients")))
                .isEmpty();
    }

    @Test
    void aBraceWithoutItsHalfIsTold() throws IOException {
        assertThat(flaws(RIGHT.replace("permit_sasl_authenticated, reject", "check_policy_service { unix:x, reject")))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("without its other half"));
    }

    @Test
    void theDefaultOfChrootChangedInPostfix3() throws IOException {
        String text = "mail_version = %s\na inet n - - - - smtpd\nb inet n - y - - smtpd\nc inet n - n - - smtpd\n";
        var old = PostfixSettings.saved(Files.writeString(dir.resolve("old"), text.formatted("2.11.3")));
        var now = PostfixSettings.saved(Files.writeString(dir.resolve("now"), text.formatted("3.11.7")));

        assertThat(old.smtpd()).extracting(old::chrooted).containsExactly(true, true, false);
        assertThat(now.smtpd()).extracting(now::chrooted).containsExactly(false, true, false);
    }

    @Test
    void aFileOfSomethingElseIsRefused() throws IOException {
        Path other = Files.writeString(dir.resolve("other"), "hello\n");

        assertThatThrownBy(() -> PostfixSettings.saved(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--saved");
    }

    private List<Flaw> flaws(String text) throws IOException {
        return SetupCheck.of(PostfixSettings.saved(Files.writeString(dir.resolve("saved"), text)), new Tables(MAP))
                .flaws();
    }
}
