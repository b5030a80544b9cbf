package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import java.util.ArrayList;
import java.util.List;

/** Whether a service asks for client addresses where that is right, and whether it sees them at all. */
final class ClientChecks {

    private final PostfixSettings settings;
    private final Tables tables;
    private final List<Flaw> flaws = new ArrayList<>();

    private ClientChecks(PostfixSettings settings, Tables tables) {
        this.settings = settings;
        this.tables = tables;
    }

    static List<Flaw> flaws(PostfixSettings settings, Service service, Tables tables) {
        var checks = new ClientChecks(settings, tables);
        if (Logins.own(settings, service)) {
            checks.hiddenClients(service);
        }
        checks.clients(service);
        return checks.flaws;
    }

    private void hiddenClients(Service service) {
        boolean told = Logins.fromFrontEnd(settings, service)
                || !settings.of(service, "smtpd_upstream_proxy_protocol").isBlank();
        if (service.loopback() && !told) {
            flaws.add(Flaw.note(
                    service.name(),
                    "all its clients are this machine: whoever logs in through a program here, such as a webmail or a"
                            + " proxy, has that program's address, and neither place nor guessing can be told",
                    "let the program hand over its client, by XCLIENT (smtpd_authorized_xclient_hosts) or PROXY"
                            + " (smtpd_upstream_proxy_protocol = haproxy)"));
        }
    }

    private void clients(Service service) {
        for (String table : List.of(tables.clients(), tables.ranges())) {
            String which = table.startsWith("cidr:") ? "ranges" : "addresses";
            boolean there = SetupCheck.LISTS.stream()
                    .anyMatch(
                            list -> Restrictions.position(settings, service, list, "check_client_access", table) >= 0);
            if (there && service.inbound()) {
                flaws.add(Flaw.note(
                        service.name(),
                        "other servers' mail comes in here, and blocked " + which + " lose theirs",
                        "ask for " + which + " at the services that take logins only"));
            } else if (!there && !service.inbound() && Logins.own(settings, service)) {
                flaws.add(Flaw.note(
                        SetupCheck.where(service, SetupLines.CLIENT),
                        "blocks of " + which + " are not enforced",
                        SetupLines.CLIENT + " = check_client_access " + table + ", ..."));
            }
        }
    }
}
