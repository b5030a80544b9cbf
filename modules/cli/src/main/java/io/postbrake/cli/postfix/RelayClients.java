package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import io.postbrake.cli.postfix.Restrictions.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How senders of clients that relay without a login are refused: a table names a restriction class for such a client, and the class
 * asks a table of senders of its own. Nothing of it may stand where content filters hand mail back.
 */
final class RelayClients {

    /** As many as the enforcer gives to clients. */
    static final int CLASSES = 8;

    private static final String PARAMETER = "smtpd_restriction_classes";
    private static final String NAME = "postbrake_relay_";
    private static final String SENDERS = "check_sender_access";
    private static final String CLIENTS = "check_client_access";
    private static final List<String> ASKING = List.of(SetupLines.RECIPIENT, SetupLines.END_OF_DATA);

    private final PostfixSettings settings;
    private final Tables tables;
    private final List<Flaw> flaws = new ArrayList<>();

    RelayClients(PostfixSettings settings, Tables tables) {
        this.settings = settings;
        this.tables = tables;
    }

    /** Whether a client may relay here without a login, and is not a content filter that hands mail back. */
    boolean relays(Service service) {
        List<Step> recipient = Restrictions.of(settings, service, SetupLines.RECIPIENT);
        boolean there = networks(recipient);
        boolean closed = !there
                && !recipient.isEmpty()
                && recipient.get(recipient.size() - 1).name().equals("reject");
        boolean relay = networks(Restrictions.of(settings, service, "smtpd_relay_restrictions"));
        return !closed && (there || relay) && !handsBack(service);
    }

    private static boolean networks(List<Step> steps) {
        return steps.stream().anyMatch(step -> step.name().equals("permit_mynetworks"));
    }

    /** Mail that was let in before comes in here again, or only this machine's own programs can. */
    private boolean handsBack(Service service) {
        boolean filtered =
                service.overrides().getOrDefault("content_filter", "none").isBlank();
        boolean known =
                service.overrides().getOrDefault("receive_override_options", "").contains("no_");
        return service.loopback()
                || filtered
                || known
                || !settings.of(service, "smtpd_authorized_xforward_hosts").isBlank();
    }

    /** What goes into main.cf; the services' options follow. */
    List<String> toAdd() {
        List<String> lines = new ArrayList<>(List.of(
                "",
                "# Clients that relay without a login, by choice: set policy.relay.clients = refuse for the enforcer, start it",
                "# anew and wait until it has made its tables as well:",
                "#      " + Tables.file(tables.relay()) + ", and "
                        + Tables.file(tables.relaySenders(1)).getFileName() + " to "
                        + Tables.file(tables.relaySenders(CLASSES)).getFileName(),
                "# Then in main.cf, in place of the same lines, before any service asks:"));
        String others = others();
        lines.add(PARAMETER + " = " + (others.isEmpty() ? "" : others + ", ") + names());
        for (int i = 1; i <= CLASSES; i++) {
            lines.add(NAME + i + " = " + SENDERS + " " + tables.relaySenders(i));
        }
        return lines;
    }

    /** The classes' way out; empty when there are none. */
    List<String> toRemove() {
        List<String> classes = Words.of(settings.of(PARAMETER));
        return classes.stream().anyMatch(RelayClients::ours)
                ? List.of(
                        "",
                        "# 2. In main.cf, in place of the same line, and with it go the lines " + NAME + "1 to " + NAME
                                + CLASSES + ":",
                        (PARAMETER + " = " + others()).stripTrailing())
                : List.of();
    }

    private String others() {
        return String.join(
                ", ",
                Words.of(settings.raw(null, PARAMETER)).stream()
                        .filter(name -> !ours(name))
                        .toList());
    }

    private static boolean ours(String name) {
        return name.startsWith(NAME);
    }

    private static String names() {
        var result = new StringBuilder();
        for (int i = 1; i <= CLASSES; i++) {
            result.append(i == 1 ? "" : ", ").append(NAME).append(i);
        }
        return result.toString();
    }

    /** What is wrong with the way in which the tables are asked; nothing where they are not. */
    List<Flaw> flaws() {
        boolean chosen = Words.of(settings.of(PARAMETER)).stream().anyMatch(RelayClients::ours)
                || settings.smtpd().stream()
                        .anyMatch(service -> ASKING.stream().anyMatch(list -> at(service, list) >= 0));
        if (chosen) {
            settings.smtpd().forEach(this::service);
        }
        return flaws;
    }

    private void service(Service service) {
        boolean asks = SetupCheck.LISTS.stream().anyMatch(list -> at(service, list) >= 0);
        if (handsBack(service)) {
            if (asks) {
                flaws.add(Flaw.dangerous(
                        service.name(),
                        "content filters hand mail back here, or only this machine connects, and it asks for clients that"
                                + " relay: a blocked sender's mail that was let in already would be refused",
                        "take " + CLIENTS + " " + tables.relay() + " out of this service's lists"));
            }
            return;
        }
        if (asks) {
            classes(service);
        }
        if (relays(service)) {
            ASKING.forEach(list -> list(service, list));
        }
    }

    /** A class that the table of clients names, and Postfix does not know, is answered as a mistake in its configuration. */
    private void classes(Service service) {
        List<String> known = Words.of(settings.of(service, PARAMETER));
        for (int i = 1; i <= CLASSES; i++) {
            String name = NAME + i;
            String wanted = SENDERS + " " + tables.relaySenders(i);
            if (!known.contains(name)) {
                flaws.add(Flaw.dangerous(
                        SetupCheck.where(service, PARAMETER),
                        PARAMETER + " lacks " + name + ": all mail of the client that gets it is answered 451",
                        PARAMETER + " = ..., " + names()));
            } else if (!Words.of(settings.of(service, name)).equals(Words.of(wanted))) {
                flaws.add(Flaw.missing(
                        SetupCheck.where(service, name),
                        name + " does not ask its own table: what is refused is not what was blocked",
                        name + " = " + wanted));
            }
        }
    }

    private void list(Service service, String list) {
        List<Step> steps = Restrictions.of(settings, service, list);
        int at = at(service, list);
        String right = list + " = " + CLIENTS + " " + tables.relay() + ", ...";
        if (at < 0) {
            flaws.add(Flaw.missing(
                    SetupCheck.where(service, list),
                    "clients relay here without a login, and their blocked senders are not asked for",
                    right));
            return;
        }
        Optional<Step> permit =
                steps.subList(0, at).stream().filter(Step::letsThrough).findFirst();
        if (permit.isPresent() || steps.get(at).onlyWarns()) {
            flaws.add(Flaw.missing(
                    SetupCheck.where(service, list),
                    "the check of clients that relay stands behind "
                            + permit.map(Step::toString).orElse("warn_if_reject") + ": it stops nobody",
                    right));
        }
    }

    private int at(Service service, String list) {
        return Restrictions.position(settings, service, list, CLIENTS, tables.relay());
    }
}
