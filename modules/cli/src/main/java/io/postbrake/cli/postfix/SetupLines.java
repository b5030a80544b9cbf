package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import io.postbrake.cli.postfix.RestrictionText.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What to put into master.cf so that the services that take logins ask the tables, or to take out of it again, with what stands
 * in the same lists kept to the letter; and the steps around it in the order in which no mail is refused by mistake.
 *
 * <p>Not main.cf: its lists hold for every service, and one without SASL logs a warning for each recipient; a check of client
 * addresses there would refuse other servers' mail.
 */
final class SetupLines {

    static final String RECIPIENT = "smtpd_recipient_restrictions";
    static final String END_OF_DATA = "smtpd_end_of_data_restrictions";
    static final String CLIENT = "smtpd_client_restrictions";
    private static final String RELAY = "smtpd_relay_restrictions";
    private static final String SASL = "smtpd_sasl_auth_enable";
    /** Postfix refuses all mail unless one of its lists says who may not relay. */
    private static final String CLOSED = "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination";

    private static final int BRACES = 3000;

    private final PostfixSettings settings;
    private final Tables tables;
    private final RelayClients relay;
    private final List<String> lines = new ArrayList<>();
    private QuotaService quotas;

    private SetupLines(PostfixSettings settings, Tables tables) {
        this.settings = settings;
        this.tables = tables;
        this.relay = new RelayClients(settings, tables);
    }

    /** The steps that make blocks of accounts and addresses bite, as a text to follow. */
    static List<String> toAdd(PostfixSettings settings, Tables tables) {
        return toAdd(settings, tables, false, null);
    }

    /**
     * The steps that make blocks bite, as a text to follow.
     *
     * @param relayClients whether blocks of senders without a login are to bite, too
     * @param quotasOrNull the policy server that is to be asked, too
     */
    static List<String> toAdd(
            PostfixSettings settings, Tables tables, boolean relayClients, QuotaService quotasOrNull) {
        var lines = new SetupLines(settings, tables);
        lines.quotas = quotasOrNull;
        lines.add(relayClients);
        return lines.lines;
    }

    /** The steps that take Postbrake out again. */
    static List<String> toRemove(PostfixSettings settings, Tables tables) {
        var lines = new SetupLines(settings, tables);
        lines.remove();
        return lines.lines;
    }

    /** Options that a service needs, by name. Inbound ones ask for logins only: blocked addresses' own mail may come in. */
    private Map<String, String> options(Service service, boolean relayClients) {
        Map<String, String> result = new LinkedHashMap<>();
        boolean logins = Logins.of(settings).contains(service);
        List<Check> checks = new ArrayList<>();
        if (logins) {
            if (!settings.yes(service, SASL)) {
                result.put(SASL, "yes");
            }
            checks.add(tables.accountCheck());
        }
        if (relayClients && relay.relays(service)) {
            checks.add(tables.relayCheck());
        }
        String recipient = settings.raw(service, RECIPIENT);
        if (logins && quotas != null) {
            recipient = quotas.in(RestrictionText.without(checks, recipient), settings.version());
            result.put(QuotaService.DATA, quotas.in(settings.raw(service, QuotaService.DATA), settings.version()));
        }
        boolean open = RestrictionText.without(checks, recipient).isEmpty()
                && settings.of(service, RELAY).isEmpty();
        result.put(RECIPIENT, RestrictionText.with(checks, open ? CLOSED : recipient));
        result.put(END_OF_DATA, RestrictionText.with(checks, settings.raw(service, END_OF_DATA)));
        if (logins && !service.inbound()) {
            result.put(CLIENT, RestrictionText.with(tables.clientChecks(), settings.raw(service, CLIENT)));
        }
        return result;
    }

    private void add(boolean relayClients) {
        List<Service> logins = Logins.of(settings);
        List<Service> services = settings.smtpd().stream()
                .filter(service -> logins.contains(service) || (relayClients && relay.relays(service)))
                .toList();
        say("# 1. Start the enforcer (`postbrake up`, or the agent) and wait until it has made its tables:");
        tables.files().forEach(file -> say("#      " + file));
        say("#    While a table that Postfix is told to ask is missing, everybody is answered 451.");
        if (relayClients) {
            relay.toAdd().forEach(this::say);
        }
        if (settings.services().isEmpty()) {
            say("# 2. The services of master.cf are not known here: add the output of `postconf -M` to what is given.");
            return;
        }
        if (logins.isEmpty()) {
            say("# 2. No smtpd service of this configuration takes logins: no account can be refused here, and there is"
                    + " nothing to add for them.");
        }
        for (Service service : services) {
            say("");
            say("# 2. In master.cf, at the end of " + service.name() + ", in place of its options of the same names:");
            options(service, relayClients).forEach(this::option);
            if (service.inbound() && logins.contains(service)) {
                say("#    No check of client addresses here: other servers' mail comes in by this service too, and a"
                        + " blocked address would lose it.");
            }
        }
        mainWithout(
                "# 3. In main.cf, where services without logins warn at each recipient, in place of the same lines:");
        if (quotas != null && !quotas.mainLines(settings.version()).isEmpty()) {
            say("");
            say("# 3. In main.cf, for the policy server:");
            quotas.mainLines(settings.version()).forEach(this::say);
        }
        say("");
        say(
                "# 4. Let Postfix take it up, and look: `postfix check && postfix reload`, then `postbrake postfix check`.");
        say("#    The way out again: `postbrake postfix print --remove`.");
    }

    private void remove() {
        say("# 1. Leave the enforcer running and its tables where they are: Postfix still asks them.");
        boolean any = false;
        for (Service service : settings.services()) {
            Map<String, String> asking = asking(service.overrides(), withRelay());
            if (!asking.isEmpty()) {
                any = true;
                say("");
                say("# 2. In master.cf, " + service.name() + ", in place of its options of the same names:");
                asking.forEach(this::removed);
            }
        }
        Map<String, String> main = asking(settings.main(), withRelay());
        if (!main.isEmpty()) {
            any = true;
            say("");
            say("# 2. In main.cf, in place of the same lines:");
            main.forEach(this::mainLine);
        }
        List<String> classes = relay.toRemove();
        any |= !classes.isEmpty();
        classes.forEach(this::say);
        List<String> users = new SubmitUsers(settings, tables).toRemove();
        any |= !users.isEmpty();
        users.forEach(this::say);
        for (String place : stillAsking()) {
            any = true;
            say("# 2. By hand: " + place + " names a table in a way that is not known here.");
        }
        if (!any) {
            say("# 2. Nothing in this configuration asks the tables.");
        }
        say("");
        say("# 3. `postfix check && postfix reload`. Wait for sessions that are open: a minute or so.");
        say(
                "# 4. Stop `postbrake up` or the agent, release held mail (`postbrake queue list`, before that), and only then");
        say("#    delete the data: while Postfix asks a table that is gone, everybody is answered 451.");
    }

    private void removed(String list, String without) {
        if (without.equals(
                settings.main().getOrDefault(list, settings.defaults().getOrDefault(list, "")))) {
            say("#   without the option " + list + ": main.cf says the same");
        } else {
            option(list, without);
        }
    }

    /** Lines of main.cf without our checks; whether there is one. */
    private boolean mainWithout(String heading) {
        Map<String, String> asking = asking(settings.main(), tables.checks());
        asking.keySet().retainAll(List.of(RECIPIENT, END_OF_DATA, CLIENT));
        if (asking.isEmpty()) {
            return false;
        }
        say("");
        say(heading);
        asking.forEach(this::mainLine);
        return true;
    }

    private void mainLine(String name, String without) {
        boolean open = name.equals(RECIPIENT)
                && without.isEmpty()
                && settings.of(RELAY).isEmpty();
        say((name + " = " + (open ? CLOSED : without)).stripTrailing());
    }

    /** The values that ask our tables, without that: lists, restriction classes, and names that stand in lists. */
    private static Map<String, String> asking(Map<String, String> values, List<Check> checks) {
        Map<String, String> result = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            String without = RestrictionText.without(checks, value);
            if (Words.of(without).size() < Words.of(value).size()) {
                result.put(name, without);
            }
        });
        return result;
    }

    private List<Check> withRelay() {
        List<Check> all = new ArrayList<>(tables.checks());
        all.add(tables.relayCheck());
        all.addAll(new QuotaService(QuotaService.USUAL).checks());
        return all;
    }

    private List<String> stillAsking() {
        List<String> places = new ArrayList<>();
        settings.main().forEach((name, value) -> {
            if (names(value)) {
                places.add("main.cf's " + name);
            }
        });
        settings.services()
                .forEach(service -> service.overrides().forEach((name, value) -> {
                    if (names(value)) {
                        places.add(service.name() + "'s " + name);
                    }
                }));
        return places;
    }

    private boolean names(String value) {
        String rest = RestrictionText.without(withRelay(), value);
        return Pattern.compile("[,\\s{}:=]+")
                .splitAsStream(rest.replace(":", ": "))
                .anyMatch(word -> withRelay().stream()
                        .anyMatch(c ->
                                c.table().substring(c.table().indexOf(':') + 1).equals(word)));
    }

    /** As master.cf takes it: braces where there is space in the value, which Postfix knows since 3.0. */
    private void option(String name, String value) {
        boolean old = settings.version() > 0 && settings.version() < BRACES;
        if (!old && !Words.paired(value)) {
            say("#   " + name + ": its list has a brace without its other half; mend that first");
        } else if (old) {
            say("  -o " + name + "=" + String.join(",", Words.of(value)));
        } else if (value.chars().noneMatch(Character::isWhitespace)) {
            say("  -o " + name + "=" + value);
        } else {
            say("  -o { " + name + " = " + value + " }");
        }
    }

    private void say(String line) {
        lines.add(line);
    }
}
