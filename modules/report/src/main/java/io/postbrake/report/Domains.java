package io.postbrake.report;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Accounts summed up by their domain. */
record Domains(Map<String, Activity> accounts) {

    List<Report.Domain> list() {
        Map<String, Report.Domain> byName = new TreeMap<>();
        accounts.forEach((account, a) -> {
            String name = account.contains("@") ? account.substring(account.lastIndexOf('@') + 1) : "";
            Report.Domain one = new Report.Domain(
                    name.isEmpty() ? null : name,
                    a.messages() > 0 ? 1 : 0,
                    a.messages(),
                    a.recipients(),
                    a.stops() > 0 ? 1 : 0,
                    a.stopped(),
                    a.messagesOverLimits(),
                    a.messagesOverLimits() > 0 ? 1 : 0);
            byName.merge(name, one, Domains::plus);
        });
        return byName.values().stream()
                .sorted(Comparator.comparingLong(Report.Domain::messages).reversed())
                .toList();
    }

    private static Report.Domain plus(Report.Domain a, Report.Domain b) {
        return new Report.Domain(
                a.domainOrNull(),
                a.accounts() + b.accounts(),
                a.messages() + b.messages(),
                a.recipients() + b.recipients(),
                a.stoppedAccounts() + b.stoppedAccounts(),
                a.stoppedMessages() + b.stoppedMessages(),
                a.overLimits() + b.overLimits(),
                a.accountsOverLimits() + b.accountsOverLimits());
    }
}
