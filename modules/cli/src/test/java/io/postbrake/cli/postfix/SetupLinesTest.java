package io.postbrake.cli.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetupLinesTest {

    private static final Tables TABLES = new Tables(Path.of("/var/lib/postbrake/blocked.lmdb"));
    private static final String ASK = "check_sasl_access lmdb:/var/lib/postbrake/blocked";
    private static final String MAIN = """
            mail_version = 3.7.11
            mynetworks = 127.0.0.0/8
            smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
            smtpd_recipient_restrictions = $early, reject_unknown_recipient_domain
            early = check_policy_service { unix:ratelimit/policy, default_action=DUNNO }
            smtp       inet  n       -       y       -       -       smtpd
            pickup     unix  n       -       y       60      1       pickup
            """;
    private static final String SUBMISSION = """
            submission inet  n       -       y       -       -       smtpd
                -o smtpd_sasl_auth_enable=yes -o { smtpd_tls_security_level = encrypt }
            """;

    @TempDir
    private Path dir;

    @Test
    void onlyServicesThatTakeLoginsAskAndTheirListsStayWhole() throws IOException {
        List<String> lines = print(MAIN + SUBMISSION);

        assertThat(lines)
                .contains(
                        "  -o { smtpd_recipient_restrictions = " + ASK + ", $early, reject_unknown_recipient_domain }",
                        "  -o { smtpd_end_of_data_restrictions = " + ASK + " }")
                .noneMatch(line -> line.startsWith("smtpd_") || line.contains("smtp/inet"));
        assertThat(SetupCheck.of(pasted(MAIN + SUBMISSION), TABLES).flaws())
                .noneMatch(f -> f.grade() != Flaw.Grade.NOTE);
    }

    @Test
    void thePolicyServerIsAskedBehindTheBlocksAndBeforeLoginsAreLetThrough() throws IOException {
        String own = "    -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }\n";
        String asks = "check_policy_service { unix:postbrake/policy, timeout=2s, try_limit=2, default_action=DUNNO }";

        List<String> lines =
                SetupLines.toAdd(pasted(MAIN + SUBMISSION + own), TABLES, false, new QuotaService(QuotaService.USUAL));

        assertThat(lines)
                .contains(
                        "  -o { smtpd_recipient_restrictions = " + ASK + ", " + asks
                                + ", permit_sasl_authenticated, reject }",
                        "  -o { smtpd_data_restrictions = " + asks + " }");
        String with = "    -o { smtpd_recipient_restrictions = " + asks + ", permit_sasl_authenticated, reject }\n";
        assertThat(SetupLines.toRemove(pasted(MAIN + SUBMISSION + with), TABLES))
                .contains("  -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }");
    }

    @Test
    void aPostfixWithoutBracesHasThePolicyServersSettingsInMain() throws IOException {
        List<String> lines = SetupLines.toAdd(
                saved(MAIN.replace("3.7.11", "2.11.0") + SUBMISSION),
                TABLES,
                false,
                new QuotaService(QuotaService.USUAL));

        assertThat(lines)
                .contains(
                        "  -o smtpd_data_restrictions=check_policy_service,unix:postbrake/policy",
                        "smtpd_policy_service_default_action = DUNNO");
    }

    @Test
    void localUsersAreAllButThoseInTheTableAndTheWayOutIsTheListThatThereWas() throws IOException {
        String before = "authorized_submit_users = !games root, $mine\n";
        String asks = "authorized_submit_users = !texthash:/var/lib/postbrake/blocked-users, ";

        List<String> all = new SubmitUsers(pasted(MAIN), TABLES).toAdd();
        List<String> some = new SubmitUsers(pasted(before + MAIN), TABLES).toAdd();

        assertThat(all)
                .contains(asks + "static:anyone")
                .containsSubsequence("#      /var/lib/postbrake/blocked-users", asks + "static:anyone");
        assertThat(some).contains(asks + "!games root, $mine");
        assertThat(SetupLines.toRemove(pasted(asks + "!games root, $mine\n" + MAIN), TABLES))
                .contains(before.strip());
        assertThat(SetupLines.toRemove(pasted(asks + "static:anyone\n" + MAIN), TABLES))
                .contains("authorized_submit_users = static:anyone");
        assertThat(SetupLines.toRemove(pasted(before + MAIN), TABLES)).noneMatch(line -> line.contains("authorized"));
    }

    @Test
    void theStepsComeInTheOrderInWhichNoMailIsRefused() throws IOException {
        List<String> add = print(MAIN + SUBMISSION);
        List<String> remove = SetupLines.toRemove(pasted(MAIN + SUBMISSION), TABLES);

        assertThat(String.join("\n", add))
                .containsSubsequence("made its tables", "blocked.lmdb", "In master.cf", "-o {", "postfix reload");
        assertThat(String.join("\n", remove))
                .containsSubsequence("Leave the enforcer running", "In master.cf", "postfix reload", "delete the data")
                .doesNotContain("lmdb:");
    }

    @Test
    void theWayOutFindsNamesClassesBareTablesAndWhateverElseAsks() throws IOException {
        String text = MAIN.replace("mynetworks", """
                smtpd_restriction_classes = first, strict
                first = %s
                strict = reject_unverified_sender
                smtpd_client_restrictions = lmdb:/var/lib/postbrake/blocked-clients, permit
                smtpd_sender_restrictions = check_sasl_access unionmap:{lmdb:/var/lib/postbrake/blocked, hash:/x}
                mynetworks""".formatted(ASK)) + SUBMISSION;

        List<String> lines = SetupLines.toRemove(saved(text), TABLES);

        assertThat(lines)
                .contains("first =", "smtpd_client_restrictions = permit")
                .anyMatch(line -> line.startsWith("# 2. By hand: main.cf's smtpd_sender_restrictions"))
                .noneMatch(line -> line.contains("Nothing") || line.startsWith("strict"));
        assertThat(SetupLines.toRemove(saved(MAIN + SUBMISSION), TABLES)).anyMatch(line -> line.contains("Nothing"));
    }

    @Test
    void aServiceForOtherServersMailAsksForAccountsOnly() throws IOException {
        String text = MAIN.replace("mynetworks", "smtpd_sasl_auth_enable = yes\nmynetworks");

        assertThat(print(text))
                .anyMatch(line -> line.contains("smtpd_recipient_restrictions = " + ASK))
                .noneMatch(line -> line.startsWith("  -o") && line.contains("smtpd_client_restrictions"));
    }

    @Test
    void aCheckInMainCfMovesToTheServices() throws IOException {
        String text = MAIN.replace("= $early,", "= warn_if_reject " + ASK + ", $early,") + SUBMISSION;

        assertThat(print(text))
                .contains(
                        "smtpd_recipient_restrictions = $early, reject_unknown_recipient_domain",
                        "  -o { smtpd_recipient_restrictions = " + ASK + ", $early, reject_unknown_recipient_domain }");
    }

    @Test
    void aServiceBehindAFrontEndGetsSasl() throws IOException {
        String text = MAIN + "10587 inet n - n - - smtpd\n -o smtpd_authorized_xclient_hosts=127.0.0.1\n";

        assertThat(print(text)).contains("  -o smtpd_sasl_auth_enable=yes");
    }

    @Test
    void withoutAnyListAgainstRelayingTheRecipientListBecomesOne() throws IOException {
        String text = "smtpd_relay_restrictions =\n" + SUBMISSION;

        assertThat(print(text))
                .contains("  -o { smtpd_recipient_restrictions = " + ASK
                        + ", permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination }");
    }

    @Test
    void aPostfixWithoutBracesGetsCommas() throws IOException {
        String text = (MAIN + SUBMISSION)
                .replace("3.7.11", "2.11.3")
                .replace(" -o { smtpd_tls_security_level = encrypt }", "");

        assertThat(print(text.replace("$early, ", "permit_mynetworks ")))
                .contains("  -o smtpd_recipient_restrictions=check_sasl_access,lmdb:/var/lib/postbrake/blocked,"
                        + "permit_mynetworks,reject_unknown_recipient_domain")
                .noneMatch(line -> line.contains("{"));
    }

    @Test
    void whatTheServicesNeedIsPrintedAgainWhenItIsThere() throws IOException {
        assertThat(SetupLines.toAdd(pasted(MAIN + SUBMISSION), TABLES)).isEqualTo(print(MAIN + SUBMISSION));
    }

    @Property
    void whatIsPrintedAsksFirstAndThenDoesWhatTheListDid(@ForAll("lists") String list) {
        var service = new Service("submission/inet", "smtpd", "-", Map.of("smtpd_recipient_restrictions", list));

        PostfixSettings read = reread(settings(service));

        List<Restrictions.Step> before = steps(settings(service));
        before.removeIf(s -> s.checks("check_sasl_access", TABLES.accounts()));
        List<Restrictions.Step> after = steps(read);
        assertThat(after.get(0)).hasToString(ASK);
        assertThat(after.get(0).onlyWarns()).isFalse();
        assertThat(after.subList(1, after.size())).isEqualTo(before);
    }

    @Property
    void whatIsTakenOutAgainIsWhatThereWas(@ForAll("lists") String list) {
        List<RestrictionText.Check> ours = List.of(TABLES.accountCheck());
        String without = RestrictionText.without(ours, list);

        assertThat(RestrictionText.without(ours, RestrictionText.with(ours, without)))
                .isEqualTo(without);
        assertThat(RestrictionText.with(ours, RestrictionText.with(ours, list)))
                .isEqualTo(RestrictionText.with(ours, list));
    }

    /** Lists as people write them: any separators, names, braces in braces, ours in any place already. */
    @Provide
    Arbitrary<String> lists() {
        Arbitrary<String> step = Arbitraries.of(
                "permit_mynetworks",
                "reject_unauth_destination",
                "$early",
                "${early?{permit_mynetworks}:{reject}}",
                "check_policy_service { unix:ratelimit/policy, default_action=DUNNO }",
                "check_policy_service {inet:127.0.0.1:10040, {timeout = 2s}, policy_context = { a, b }}",
                "check_client_access inline:{ 198.51.100.7=OK, { 198.51.100.8 = REJECT go away } }",
                "check_sender_access pcre:{{/^x@/ REJECT}, {/y{2,3}/ DUNNO}}",
                "warn_if_reject reject_unknown_client_hostname",
                "warn_if_reject " + ASK,
                "Check_Sasl_Access proxy:lmdb:/var/lib/postbrake/blocked",
                "check_sasl_access hash:/etc/postfix/other",
                "hash:/etc/postfix/bare",
                ASK);
        Arbitrary<String> separator = Arbitraries.of(", ", ",", " ", "\t", " ,, ");
        return Combinators.combine(step.list().ofMaxSize(6), separator)
                .as((steps, between) -> String.join(between, steps));
    }

    private static List<Restrictions.Step> steps(PostfixSettings settings) {
        return new ArrayList<>(Restrictions.of(settings, settings.services().get(0), "smtpd_recipient_restrictions"));
    }

    private static PostfixSettings settings(Service service) {
        Map<String, String> main = new LinkedHashMap<>();
        main.put("mail_version", "3.7.11");
        main.put("smtpd_sasl_auth_enable", "yes");
        main.put("early", "reject_non_fqdn_recipient, check_policy_service { unix:a, timeout=1s }");
        return new PostfixSettings("x", main, Map.of(), List.of(service), null, false);
    }

    /** What is printed for the one service, read again as a line of master.cf. */
    private static PostfixSettings reread(PostfixSettings settings) {
        String options = String.join(
                "\n",
                SetupLines.toAdd(settings, TABLES).stream()
                        .filter(l -> l.startsWith("  -o"))
                        .toList());
        String main = settings.main().entrySet().stream()
                .map(e -> e.getKey() + " = " + e.getValue() + "\n")
                .reduce("", String::concat);
        return PostfixSettings.parse("x", main + "submission inet n - y - - smtpd\n" + options + "\n", false);
    }

    @Test
    void clientsThatRelayAreAskedForWhereTheyRelayAndNowhereElse() throws IOException {
        String text = MAIN + "127.0.0.1:10025 inet n - y - - smtpd\n"
                + "10026 inet n - y - - smtpd -o receive_override_options=no_unknown_recipient_checks\n"
                + "10027 inet n - y - - smtpd -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }\n"
                + "smtpd_restriction_classes = mine\nmine = permit\n" + SUBMISSION;
        String relay = "check_client_access lmdb:/var/lib/postbrake/blocked-relay";

        List<String> lines = SetupLines.toAdd(saved(text), TABLES, true, null);

        assertThat(lines)
                .contains(
                        "smtpd_restriction_classes = mine, postbrake_relay_1, postbrake_relay_2, postbrake_relay_3,"
                                + " postbrake_relay_4, postbrake_relay_5, postbrake_relay_6, postbrake_relay_7,"
                                + " postbrake_relay_8",
                        "postbrake_relay_8 = check_sender_access lmdb:/var/lib/postbrake/blocked-relay-8",
                        "  -o { smtpd_recipient_restrictions = " + relay
                                + ", $early, reject_unknown_recipient_domain }",
                        "  -o { smtpd_end_of_data_restrictions = " + relay + " }",
                        "  -o { smtpd_recipient_restrictions = " + ASK + ", " + relay
                                + ", $early, reject_unknown_recipient_domain }")
                .noneMatch(line -> line.contains("100"));
        assertThat(lines.indexOf("postbrake_relay_8 = check_sender_access lmdb:/var/lib/postbrake/blocked-relay-8"))
                .isLessThan(lines.indexOf("  -o { smtpd_end_of_data_restrictions = " + relay + " }"));
    }

    @Test
    void theWayOutOfTheClassesIsWhatThereWas() throws IOException {
        String relay = "check_client_access lmdb:/var/lib/postbrake/blocked-relay";
        String text = MAIN.replace(
                        "smtp       inet  n       -       y       -       -       smtpd",
                        "smtp inet n - y - - smtpd -o { smtpd_recipient_restrictions = " + relay
                                + ", permit_mynetworks, reject }")
                + "smtpd_restriction_classes = mine, postbrake_relay_1, postbrake_relay_2\n"
                + "postbrake_relay_1 = check_sender_access lmdb:/var/lib/postbrake/blocked-relay-1\n";

        assertThat(SetupLines.toRemove(saved(text), TABLES))
                .contains(
                        "  -o { smtpd_recipient_restrictions = permit_mynetworks, reject }",
                        "smtpd_restriction_classes = mine")
                .noneMatch(line -> line.contains("By hand"));
    }

    private List<String> print(String text) throws IOException {
        return SetupLines.toAdd(saved(text), TABLES);
    }

    /** The configuration with what is printed for its last service at the end of that. */
    private PostfixSettings pasted(String text) throws IOException {
        String options = String.join(
                "\n",
                print(text).stream().filter(line -> line.startsWith("  -o")).toList());
        return saved(text + options + "\n");
    }

    private PostfixSettings saved(String text) throws IOException {
        return PostfixSettings.saved(Files.writeString(dir.resolve("saved"), text));
    }
}
