package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import io.postbrake.cli.postfix.Restrictions.Step;
import io.postbrake.subject.IpNetwork;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether one Postfix instance will do what the tables say, and what else in its configuration helps a thief. */
final class SetupCheck {

    private static final String RECIPIENT = "smtpd_recipient_restrictions";
    private static final String END_OF_DATA = "smtpd_end_of_data_restrictions";
    private static final String CLIENT = "smtpd_client_restrictions";
    /** Asked with a login known, once a recipient is named. */
    private static final List<String> AT_RECIPIENT =
            List.of("smtpd_sender_restrictions", "smtpd_relay_restrictions", RECIPIENT);
    /** With smtpd_delay_reject these wait for the recipient as well. */
    private static final List<String> EARLY = List.of(CLIENT, "smtpd_helo_restrictions");

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final List<IpNetwork> PRIVATE = nets(
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "127.0.0.0/8",
            "100.64.0.0/10",
            "::1",
            "fc00::/7",
            "fe80::/10");
    private static final int WIDE_IPV4 = 24;
    private static final int WIDE_IPV6 = 48;

    private final PostfixSettings settings;
    private final Tables tables;
    private final Set<Flaw> flaws = new LinkedHashSet<>();

    private SetupCheck(PostfixSettings settings, Tables tables) {
        this.settings = settings;
        this.tables = tables;
    }

    /** What is missing or dangerous, worst first. */
    static List<Flaw> of(PostfixSettings settings, Tables tables) {
        var check = new SetupCheck(settings, tables);
        check.version();
        check.services();
        check.networks();
        if (settings.live()) {
            check.flaws.addAll(TableFiles.flaws(settings, tables));
        }
        return check.flaws.stream()
                .sorted((a, b) -> a.grade().compareTo(b.grade()))
                .toList();
    }

    private void version() {
        Matcher version = VERSION.matcher(settings.of("mail_version"));
        if (version.matches()) {
            int number = 1000 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2));
            if (number < 2011) {
                missing(
                        "Postfix " + version.group(),
                        "check_sasl_access and lmdb tables exist since Postfix 2.11",
                        "update Postfix");
            }
        }
        if (settings.mapTypes() != null && !settings.mapTypes().contains("lmdb")) {
            missing(
                    "Postfix",
                    "it cannot read lmdb tables: `postconf -m` does not list them",
                    "install the package postfix-lmdb (Debian, Ubuntu) or a build with LMDB");
        }
        if (settings.of("soft_bounce").equals("yes")) {
            flaws.add(Flaw.note(
                    "main.cf",
                    "soft_bounce = yes turns a reject into a deferral: a refused thief tries again",
                    "set it to no once tests are over"));
        }
    }

    private void services() {
        List<Service> smtpd = settings.smtpd();
        if (smtpd.isEmpty()) {
            // A saved `postconf -n` alone: what main.cf says holds for any service without options of its own.
            smtpd = List.of(new Service("main.cf", "smtpd", false, Map.of()));
            flaws.add(Flaw.note(
                    "master.cf",
                    "its services were not in what was given: their -o options are not checked",
                    "add the output of `postconf -Mf`"));
        }
        List<Service> takeLogins = smtpd.stream()
                .filter(s -> settings.of(s, "smtpd_sasl_auth_enable").equals("yes"))
                .toList();
        if (takeLogins.isEmpty()) {
            flaws.add(Flaw.note(
                    "master.cf", "no smtpd service takes logins, so that no account can be refused here", "nothing"));
        }
        takeLogins.forEach(this::accounts);
        smtpd.stream().filter(s -> !s.name().endsWith("/unix")).forEach(this::clients);
    }

    private void accounts(Service service) {
        boolean delayed = !settings.of(service, "smtpd_delay_reject").equals("no");
        List<String> lists = new ArrayList<>(AT_RECIPIENT);
        if (delayed) {
            lists.addAll(0, EARLY);
        }
        List<Flaw> wrong = new ArrayList<>();
        boolean found = false;
        for (String list : lists) {
            Optional<Flaw> flaw = accountsIn(service, list);
            boolean there = position(service, list, "check_sasl_access", tables.accounts()) >= 0;
            found |= there && flaw.isEmpty();
            flaw.ifPresent(wrong::add);
        }
        if (!found) {
            flaws.addAll(wrong);
        }
        if (!found && wrong.isEmpty()) {
            missingAccounts(service, delayed);
        }
        if (!delayed) {
            flaws.add(Flaw.dangerous(
                    where(service, "smtpd_delay_reject"),
                    "smtpd_delay_reject = no: client and HELO restrictions are answered before the login, so that an"
                            + " account check there never fires, and an address is refused without its account in the"
                            + " log",
                    "smtpd_delay_reject = yes, the default"));
        }
        int end = position(service, END_OF_DATA, "check_sasl_access", tables.accounts());
        if (end < 0) {
            missing(
                    where(service, END_OF_DATA),
                    "no check at the end of a message: one that was under way when the block came passes",
                    END_OF_DATA + " = check_sasl_access " + tables.accounts());
        } else {
            accountsIn(service, END_OF_DATA).ifPresent(flaws::add);
        }
    }

    private void missingAccounts(Service service, boolean delayed) {
        for (String list : EARLY) {
            if (!delayed && position(service, list, "check_sasl_access", tables.accounts()) >= 0) {
                missing(
                        where(service, list),
                        "check_sasl_access stands in " + list + ", which smtpd_delay_reject = no answers before the"
                                + " login: it never fires",
                        RECIPIENT + " = check_sasl_access " + tables.accounts() + ", ...");
                return;
            }
        }
        Optional<Step> other = AT_RECIPIENT.stream()
                .flatMap(list -> Restrictions.of(settings, service, list).stream())
                .filter(step -> step.name().equals("check_sasl_access"))
                .findFirst();
        String then = RECIPIENT + " = check_sasl_access " + tables.accounts() + ", ...";
        if (other.isPresent()) {
            String table = other.get().argument();
            boolean sameFile = table.endsWith(tables.accounts().substring("lmdb".length()));
            missing(
                    where(service, RECIPIENT),
                    "check_sasl_access asks " + table + ", not " + tables.accounts()
                            + (sameFile ? ": a session that is open already never sees a change of such a table" : ""),
                    then);
        } else {
            boolean own = service.overrides().containsKey(RECIPIENT)
                    && settings.of(RECIPIENT).contains("check_sasl_access " + tables.accounts());
            missing(
                    where(service, RECIPIENT),
                    own
                            ? "its -o " + RECIPIENT + " replaces the list of main.cf, and with it the check of accounts"
                            : "no check of accounts: a blocked account goes on sending",
                    then);
        }
    }

    /** What is wrong with the check in one list; empty when it is right, or not there. */
    private Optional<Flaw> accountsIn(Service service, String list) {
        List<Step> steps = Restrictions.of(settings, service, list);
        int at = position(service, list, "check_sasl_access", tables.accounts());
        if (at < 0) {
            return Optional.empty();
        }
        if (steps.get(at).onlyWarns()) {
            return Optional.of(Flaw.missing(
                    where(service, list),
                    "warn_if_reject before the check: it only warns",
                    "take warn_if_reject away"));
        }
        List<Step> before = steps.subList(0, at);
        Optional<Step> permit = before.stream().filter(Step::letsThrough).findFirst();
        if (permit.isPresent()) {
            return Optional.of(Flaw.missing(
                    where(service, list),
                    "check_sasl_access stands behind " + permit.get()
                            + ", which lets the client through before anybody asks",
                    list + " = check_sasl_access " + tables.accounts() + ", " + permit.get() + ", ..."));
        }
        Optional<Step> open = before.stream().filter(Step::mayLetThrough).findFirst();
        open.ifPresent(step -> flaws.add(Flaw.dangerous(
                where(service, list),
                "check_sasl_access stands behind " + step + ": an OK from there lets a blocked account through",
                "put check_sasl_access first")));
        return Optional.empty();
    }

    private void clients(Service service) {
        for (String table : List.of(tables.clients(), tables.ranges())) {
            boolean there = EARLY.stream().anyMatch(list -> position(service, list, "check_client_access", table) >= 0)
                    || AT_RECIPIENT.stream()
                            .anyMatch(list -> position(service, list, "check_client_access", table) >= 0);
            if (!there) {
                flaws.add(Flaw.note(
                        where(service, CLIENT),
                        "blocks of " + (table.startsWith("cidr:") ? "ranges" : "addresses") + " are not enforced",
                        CLIENT + " = check_client_access " + table + ", ..."));
            }
        }
    }

    private int position(Service service, String list, String check, String table) {
        List<Step> steps = Restrictions.of(settings, service, list);
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).checks(check, table)) {
                return i;
            }
        }
        return -1;
    }

    private void networks() {
        String style = settings.of("mynetworks_style");
        if (!settings.main().containsKey("mynetworks") && (style.equals("class") || style.equals("subnet"))) {
            flaws.add(Flaw.dangerous(
                    "main.cf",
                    "mynetworks_style = " + style + ": every machine of this network may relay without a login",
                    "mynetworks_style = host"));
        }
        for (String entry : Restrictions.words(settings.of("mynetworks"))) {
            network(entry);
        }
    }

    private void network(String entry) {
        if (entry.startsWith("!")) {
            return;
        }
        String plain = entry.replace("[", "").replace("]", "");
        if (plain.startsWith("::ffff:")) {
            return; // The IPv4 loopback in its other spelling; anything else of that kind has an entry of its own.
        }
        Optional<IpNetwork> parsed = IpNetwork.parse(plain);
        if (parsed.isEmpty()) {
            flaws.add(Flaw.note(
                    "main.cf",
                    "mynetworks has " + entry + ", of which is not known here whom it lets in",
                    "make sure that nobody gets in there whom you do not trust"));
            return;
        }
        IpNetwork net = parsed.get();
        boolean inside = PRIVATE.stream().anyMatch(p -> p.contains(net));
        boolean wide = net.prefix() < (net.address().length == 4 ? WIDE_IPV4 : WIDE_IPV6);
        if (!inside && wide) {
            flaws.add(Flaw.dangerous(
                    "main.cf",
                    "mynetworks has " + entry + ": all of it may relay without a login, past every block of accounts",
                    "name only the machines that cannot log in"));
        } else if (wide && net.prefix() <= 16 && !PRIVATE.get(3).contains(net)) {
            flaws.add(Flaw.note(
                    "main.cf",
                    "mynetworks has " + entry + ": any machine inside may relay without a login",
                    "name only the machines that cannot log in"));
        }
    }

    private static String where(Service service, String parameter) {
        boolean own = service.overrides().containsKey(parameter);
        return own ? service.name() + ", -o " + parameter : service.name();
    }

    private void missing(String where, String what, String then) {
        flaws.add(Flaw.missing(where, what, then));
    }

    private static List<IpNetwork> nets(String... nets) {
        List<IpNetwork> result = new ArrayList<>();
        for (String net : nets) {
            IpNetwork.parse(net).ifPresent(result::add);
        }
        return result;
    }
}
