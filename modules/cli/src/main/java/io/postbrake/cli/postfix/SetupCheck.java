package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import io.postbrake.cli.postfix.Restrictions.Step;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether one Postfix instance will do what the tables say, and what else in its configuration helps a thief. */
final class SetupCheck {

    private static final String RECIPIENT = SetupLines.RECIPIENT;
    private static final String END_OF_DATA = SetupLines.END_OF_DATA;
    private static final String CLIENT = SetupLines.CLIENT;
    /** Asked with a login known, once a recipient is named. */
    private static final List<String> AT_RECIPIENT =
            List.of("smtpd_sender_restrictions", "smtpd_relay_restrictions", RECIPIENT);
    /** With smtpd_delay_reject these wait for the recipient as well. */
    private static final List<String> EARLY = List.of(CLIENT, "smtpd_helo_restrictions");

    static final List<String> LISTS = List.of(
            CLIENT,
            "smtpd_helo_restrictions",
            "smtpd_sender_restrictions",
            "smtpd_relay_restrictions",
            RECIPIENT,
            "smtpd_data_restrictions",
            END_OF_DATA);
    private static final int OLDEST = 2011;

    private final PostfixSettings settings;
    private final Tables tables;
    private final Set<Flaw> flaws = new LinkedHashSet<>();
    private final List<String> logins = new ArrayList<>();
    private QuotaService quotas;

    private SetupCheck(PostfixSettings settings, Tables tables) {
        this.settings = settings;
        this.tables = tables;
    }

    /**
     * What was found.
     *
     * @param flaws what is missing or dangerous, worst first, each once for all services that it is true of
     * @param logins services whose accounts can be refused, were all well
     */
    record Outcome(List<Flaw> flaws, List<String> logins) {

        boolean enforced() {
            return !logins.isEmpty() && !Flaw.anyBad(flaws);
        }
    }

    static Outcome of(PostfixSettings settings, Tables tables) {
        return of(settings, tables, null);
    }

    /** @param quotasOrNull the policy server that services with logins must ask; null when they need not */
    static Outcome of(PostfixSettings settings, Tables tables, QuotaService quotasOrNull) {
        var check = new SetupCheck(settings, tables);
        check.quotas = quotasOrNull;
        check.version();
        check.services();
        check.flaws.addAll(Relaying.flaws(settings));
        check.flaws.addAll(new SubmitUsers(settings, tables).flaws());
        check.flaws.addAll(new RelayClients(settings, tables).flaws());
        if (settings.live()) {
            check.flaws.addAll(TableFiles.flaws(settings, tables));
        }
        return new Outcome(Flaw.grouped(check.flaws), List.copyOf(check.logins));
    }

    private void version() {
        int version = settings.version();
        if (version > 0 && version < OLDEST) {
            missing(
                    "Postfix " + settings.of("mail_version"),
                    "check_sasl_access and lmdb tables exist since Postfix 2.11",
                    "update Postfix");
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
        if (settings.services().isEmpty()) {
            // A saved `postconf -n` alone: what main.cf says holds for any service without options of its own.
            smtpd = List.of(new Service("main.cf", "smtpd", "-", Map.of()));
            flaws.add(Flaw.note(
                    "master.cf",
                    "its services were not in what was given: their -o options are not checked",
                    "add the output of `postconf -M`"));
        }
        for (Service service : smtpd) {
            unpaired(service);
            if (Logins.own(settings, service)) {
                logins.add(service.name());
                accounts(service);
            } else if (Logins.fromFrontEnd(settings, service)) {
                frontEnd(service);
            } else {
                withoutLogins(service);
            }
            flaws.addAll(ClientChecks.flaws(settings, service, tables));
            boolean asks = quotas != null && logins.contains(service.name());
            flaws.addAll(
                    (quotas == null ? new QuotaService(QuotaService.USUAL) : quotas).flaws(settings, service, asks));
        }
    }

    /** Postfix takes such a list for another one than its reader does. */
    private void unpaired(Service service) {
        for (String list : LISTS) {
            if (!Words.paired(settings.of(service, list))) {
                flaws.add(Flaw.dangerous(
                        where(service, list),
                        list + " has a brace without its other half",
                        "give each brace its half"));
            }
        }
    }

    private void frontEnd(Service service) {
        String what = "a front end may hand over logins here (smtpd_authorized_xclient_hosts), but without SASL Postfix"
                + " ignores the check of accounts";
        String then = "smtpd_sasl_auth_enable = yes for this service";
        if (service.inbound()) {
            flaws.add(Flaw.note(service.name(), what, then + ", if accounts do come in by it"));
        } else {
            logins.add(service.name());
            missing(service.name(), what, then);
            accounts(service);
        }
    }

    private void withoutLogins(Service service) {
        boolean asks = LISTS.stream()
                .anyMatch(list ->
                        Restrictions.position(settings, service, list, "check_sasl_access", tables.accounts()) >= 0);
        if (asks) {
            flaws.add(Flaw.note(
                    service.name(),
                    "it takes no logins and asks for accounts all the same: Postfix logs `restriction check_sasl_access"
                            + " ignored: no SASL support` for each recipient",
                    "put the check into master.cf, at the services that take logins: `postbrake postfix print`"));
        }
    }

    private void accounts(Service service) {
        boolean delayed = !settings.of(service, "smtpd_delay_reject").equalsIgnoreCase("no");
        List<String> lists = new ArrayList<>(AT_RECIPIENT);
        if (delayed) {
            lists.addAll(0, EARLY);
        }
        List<Flaw> wrong = new ArrayList<>();
        boolean found = false;
        for (String list : lists) {
            Optional<Flaw> flaw = accountsIn(service, list);
            boolean there = Restrictions.position(settings, service, list, "check_sasl_access", tables.accounts()) >= 0;
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
        int end = Restrictions.position(settings, service, END_OF_DATA, "check_sasl_access", tables.accounts());
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
            if (!delayed
                    && Restrictions.position(settings, service, list, "check_sasl_access", tables.accounts()) >= 0) {
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
        int at = Restrictions.position(settings, service, list, "check_sasl_access", tables.accounts());
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
        open.ifPresent(step -> {
            String what =
                    "check_sasl_access stands behind " + step + ": an OK from there lets a blocked account through";
            String then = "put check_sasl_access first";
            // Most policy services say DUNNO; that one here says OK is not known.
            flaws.add(
                    step.name().equals("check_policy_service")
                            ? Flaw.note(where(service, list), what, then)
                            : Flaw.dangerous(where(service, list), what, then));
        });
        return Optional.empty();
    }

    static String where(Service service, String parameter) {
        boolean own = service.overrides().containsKey(parameter);
        return own ? service.name() + ", -o " + parameter : service.name();
    }

    private void missing(String where, String what, String then) {
        flaws.add(Flaw.missing(where, what, then));
    }
}
